import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { EventInfo, Key } from "../../shared/events/event.ts";
import type { Host, Keeper } from "./host.ts";
import { checkKeepable, copyOf } from "./keepable.ts";
import { byKey, sameKey } from "./keys.ts";
import type { JoinNode } from "./stage.ts";

/** A row of either side. None is ever forgotten: that nothing is missed is what the engine must show. */
type Row = {
  readonly left: boolean;
  readonly key: Key;
  readonly time: number;
  readonly value: unknown;
  /** Where no right time is early enough any more for a left row of an interval join. */
  readonly end: number;
  done: boolean;
};

type Join = JoinNode["spec"]["join"];
type By<B extends Join["by"]> = Extract<Join, { readonly by: B }>;

const NEVER = Number.POSITIVE_INFINITY;

/** Joins by their definitions, over the list of all rows that were not late. */
export function joins(node: JoinNode, host: Host): Keeper {
  const { join } = node.spec;
  switch (join.by) {
    case "window":
      return keeper(host, windowJoin(join, host));
    case "version":
      return keeper(host, versionJoin(join, host));
    case "interval":
      return keeper(host, intervalJoin(join, host));
    case "key":
      return keeper(host, intervalJoin(asInterval(join), host));
  }
}

type Rules = {
  readonly isLate: (time: number) => boolean;
  /** A row, with those before it. Throws what the user's function throws. */
  readonly take: (row: Omit<Row, "end">, before: readonly Row[]) => Row;
  /** When the row is to be looked at again; infinite where it is not. */
  readonly moments: (row: Row) => readonly number[];
  readonly reach: (time: number, rows: readonly Row[]) => void;
};

function keeper(host: Host, rules: Rules): Keeper {
  const rows: Row[] = [];
  return {
    take(value, info, nth) {
      const { key, time } = info;
      if (rules.isLate(time)) {
        host.late({ side: nth === 0 ? "left" : "right", row: value }, info);
        return;
      }
      try {
        checkKeepable(value);
        rows.push(rules.take({ left: nth === 0, key, time, value: copyOf(value), done: false }, rows));
      } catch (thrown) {
        host.fail(value, thrown, info);
      }
    },
    nextMoment: () =>
      Math.min(NEVER, ...rows.flatMap(rules.moments).filter((time) => time > host.watermark())),
    reach: (time) => rules.reach(time, rows),
    nextShowing: () => NEVER,
    show() {},
  };
}

const infoOf = (key: Key, time: number): EventInfo => ({ id: "", key, time: time as EventInfo["time"] });
const oldestFirst = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => a.time - b.time);

type Interval = Pick<By<"interval">, "type" | "grace"> & {
  readonly from: number;
  readonly to: number | ((left: unknown) => number);
};

const asInterval = ({ ttl, grace }: By<"key">): Interval =>
  ttl === undefined
    ? { type: "inner", grace, from: -NEVER, to: NEVER }
    : { type: "inner", grace, from: 1 - ttl, to: ttl };

function intervalJoin({ type, grace, from, to }: Interval, host: Host): Rules {
  const meet = (left: Row, right: Row): boolean =>
    sameKey(left.key, right.key) && right.time >= left.time + from && right.time < left.end;
  const alone = (left: Row, time: number): void => {
    left.done = true;
    host.give({ key: left.key, left: left.value, right: null }, infoOf(left.key, time));
  };
  const lengthOf = (left: unknown): number => {
    const length = typeof to === "number" ? to : to(left);
    if (typeof to === "function" && !(Number.isSafeInteger(length) && length > from))
      throw new MillraceError("JOIN_BOUND", "a bound that cannot be", { next: "dead-lettered" });
    return length;
  };
  return {
    isLate: (time) => from !== -NEVER && time < host.watermark() - grace,
    take(taken, before) {
      const row = { ...taken, end: taken.left ? taken.time + lengthOf(taken.value) : 0 };
      const others = before.filter((other) => other.left !== row.left);
      for (const other of oldestFirst(others)) {
        const [left, right] = row.left ? [row, other] : [other, row];
        if (!meet(left, right)) continue;
        left.done = true;
        const time = Math.max(left.time, right.time);
        host.give({ key: row.key, left: left.value, right: right.value }, infoOf(row.key, time));
      }
      if (row.left && type === "left" && !row.done && row.end + grace <= host.watermark())
        alone(row, row.time);
      return row;
    },
    moments: ({ left, end }) => (left && type === "left" ? [end + grace] : []),
    reach(time, rows) {
      const over = rows.filter((row) => row.left && !row.done && row.end + grace === time);
      for (const row of oldestFirst(over).sort((a, b) => byKey(a.key, b.key)))
        alone(row, Math.max(row.time, time - 1));
    },
  };
}

function windowJoin({ type, window, grace }: By<"window">, host: Host): Rules {
  const { size } = window;
  const slide = window.kind === "hopping" ? window.slide : size;
  const endsOf = (time: number): number[] => {
    const ends: number[] = [];
    for (let end = Math.floor(time / slide) * slide + size; end > time; end -= slide) ends.push(end);
    return ends;
  };
  const pair = (key: Key, end: number, left: unknown, right: unknown): void =>
    host.give({ key, window: { start: end - size, end }, left, right }, infoOf(key, end + grace - 1));
  const close = (key: Key, end: number, lefts: readonly Row[], rights: readonly Row[]): void => {
    for (const left of lefts) {
      if (type === "semi" || type === "anti") {
        if ((rights.length === 0) === (type === "anti")) host.give(left.value, infoOf(key, end + grace - 1));
        continue;
      }
      for (const right of rights) pair(key, end, left.value, right.value);
      if (rights.length === 0 && type !== "inner") pair(key, end, left.value, null);
    }
    if (type === "full" && lefts.length === 0) for (const right of rights) pair(key, end, null, right.value);
  };
  return {
    isLate: (time) => endsOf(time).every((end) => end + grace <= host.watermark()),
    take: (row) => ({ ...row, end: 0 }),
    moments: ({ time }) => endsOf(time).map((end) => end + grace),
    reach(time, rows) {
      const end = time - grace;
      const inside = oldestFirst(rows.filter((row) => row.time >= end - size && row.time < end));
      for (const { key } of inside
        .filter((row, i) => inside.findIndex((other) => sameKey(other.key, row.key)) === i)
        .sort((a, b) => byKey(a.key, b.key))) {
        const mine = inside.filter((row) => sameKey(row.key, key) && endsOf(row.time).includes(end));
        close(
          key,
          end,
          mine.filter(({ left }) => left),
          mine.filter(({ left }) => !left),
        );
      }
    },
  };
}

function versionJoin(
  { type, ttl = NEVER as By<"version">["grace"], grace }: By<"version">,
  host: Host,
): Rules {
  return {
    isLate: (time) => time < host.watermark() - grace,
    take: (row) => ({ ...row, end: 0 }),
    moments: ({ left, time }) => (left ? [time + 1 + grace] : []),
    reach(time, rows) {
      const due = rows.filter((row) => row.left && row.time + 1 + grace === time);
      for (const { key, value, time: at } of oldestFirst(due).sort((a, b) => byKey(a.key, b.key))) {
        const versions = rows.filter((row) => !row.left && sameKey(row.key, key) && row.time <= at);
        const version = oldestFirst(versions).at(-1);
        const right = version !== undefined && at < version.time + ttl ? version.value : null;
        if (right !== null || type === "left")
          host.give({ key, left: value, right }, infoOf(key, Math.max(at, time - 1)));
      }
    },
  };
}
