import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { EventInfo, Key } from "../../shared/events/event.ts";
import type { Host, Keeper } from "./host.ts";
import { checkKeepable, copyOf } from "./keepable.ts";
import { byKey, sameKey } from "./keys.ts";
import type { JoinNode } from "./stage.ts";

/** A row of a join. Nothing is forgotten: what may not meet is told by the rows' times. */
type Row = {
  readonly side: Side;
  readonly key: Key;
  readonly time: number;
  readonly value: unknown;
  /** The first time at which it meets nothing. */
  readonly end: number;
  /** Which of its key, side and time it is. */
  readonly nth: number;
  met: boolean;
  given: boolean;
};
type Side = "left" | "right";

const SIDES: readonly Side[] = ["left", "right"];
const NEVER = Number.POSITIVE_INFINITY;

/** What a kind of join adds: when a row is late, what it gives at once, and what at a moment of the watermark. */
type Kind = {
  readonly isLate: (time: number) => boolean;
  readonly endOf: (value: unknown, side: Side, time: number) => number;
  readonly meet: (row: Row, info: EventInfo) => void;
  /** The moments at which a row has something to give or to be given with. */
  readonly moments: (row: Row) => readonly number[];
  readonly give: (moment: number, key: Key) => void;
};

/** A join by its definition: two lists of rows, looked through for each row and each moment. */
export function joins(node: JoinNode, host: Host): Keeper {
  const rows: Row[] = [];
  const kind = kindOf(node, host, rows);
  const waiting = (): { readonly key: Key; readonly moment: number }[] =>
    rows
      .flatMap((row) => kind.moments(row).map((moment) => ({ key: row.key, moment })))
      .filter(({ moment }) => moment > host.watermark() && moment < NEVER);
  return {
    take(value, info, nthInput) {
      const side = SIDES[nthInput] ?? "left";
      const { key, time } = info;
      if (kind.isLate(time)) {
        host.late({ side, row: value }, info);
        return;
      }
      let row: Row;
      try {
        checkKeepable(value);
        const nth = rows.filter((one) => isOf(one, side, key) && one.time === time).length;
        const end = kind.endOf(value, side, time);
        row = { side, key, time, end, nth, value: copyOf(value), met: false, given: false };
      } catch (thrown) {
        host.fail(value, thrown, info);
        return;
      }
      rows.push(row);
      kind.meet(row, info);
    },
    nextMoment: () => Math.min(NEVER, ...waiting().map(({ moment }) => moment)),
    reach(time) {
      const keys: Key[] = [];
      for (const { key, moment } of waiting())
        if (moment === time && !keys.some((one) => sameKey(one, key))) keys.push(key);
      for (const key of keys.sort(byKey)) kind.give(time, key);
    },
    nextShowing: () => NEVER,
    show() {},
  };
}

const isOf = (row: Row, side: Side, key: Key): boolean => row.side === side && sameKey(row.key, key);

/** By event time; rows of one time as they came. */
const sorted = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => a.time - b.time);

type Spec = JoinNode["spec"]["join"];
type By<K extends Spec["by"]> = Extract<Spec, { readonly by: K }>;

function kindOf(node: JoinNode, host: Host, rows: Row[]): Kind {
  const { join: spec } = node.spec;
  switch (spec.by) {
    case "window":
      return windowKind(node.id, spec, host, rows);
    case "version":
      return versionKind(node.id, spec, host, rows);
    case "interval":
      return intervalKind(node.id, spec, host, rows);
    case "key":
      return intervalKind(
        node.id,
        {
          type: "inner",
          grace: spec.grace,
          from: spec.ttl === undefined ? -NEVER : 1 - spec.ttl,
          to: spec.ttl ?? NEVER,
        },
        host,
        rows,
      );
  }
}

/** All rows of a key that share a window, once the watermark has reached its end and the grace. */
function windowKind(id: string, { window, type, grace }: By<"window">, host: Host, rows: Row[]): Kind {
  const slide = window.kind === "hopping" ? window.slide : window.size;
  const ends = (time: number): number[] => {
    const newest = Math.floor(time / slide) * slide + window.size;
    return Array.from({ length: Math.ceil(window.size / slide) }, (_, i) => newest - i * slide).filter(
      (end) => end > time && end - window.size <= time,
    );
  };
  const lastEnd = (time: number): number => Math.max(...ends(time));
  return {
    isLate: (time) => lastEnd(time) + grace <= host.watermark(),
    endOf: (_, __, time) => lastEnd(time),
    meet() {},
    moments: ({ time }) => ends(time).map((end) => end + grace),
    give(moment, key) {
      const end = moment - grace;
      const span = { start: end - window.size, end };
      const info = { id: `${id}/${key}/${span.start}`, time: (moment - 1) as EventInfo["time"], key };
      const [lefts, rights] = SIDES.map((side) =>
        sorted(rows.filter((row) => isOf(row, side, key) && row.time >= span.start && row.time < end)),
      ) as [Row[], Row[]];
      for (const value of pairs(type, lefts, rights).map((pair) =>
        type === "semi" || type === "anti" ? pair.left : { key, window: span, ...pair },
      ))
        host.give(value, info);
    },
  };
}

type Pair = { readonly left: unknown; readonly right: unknown };

function pairs(type: Spec["type"], lefts: readonly Row[], rights: readonly Row[]): Pair[] {
  const alone = lefts.map(({ value }) => ({ left: value, right: null }));
  if (type === "semi") return rights.length > 0 ? alone : [];
  if (type === "anti") return rights.length > 0 ? [] : alone;
  if (rights.length === 0) return type === "inner" ? [] : alone;
  if (lefts.length === 0)
    return type === "full" ? rights.map(({ value }) => ({ left: null, right: value })) : [];
  return lefts.flatMap((left) => rights.map((right) => ({ left: left.value, right: right.value })));
}

type Bounds = {
  readonly type: Spec["type"];
  readonly grace: number;
  readonly from: number;
  readonly to: number | ((left: unknown) => number);
};

/** Each left row with the right rows from `left + from` on and before `left + to`, when the second of two comes. */
function intervalKind(id: string, { type, grace, from, to }: Bounds, host: Host, rows: Row[]): Kind {
  const outer = type === "left";
  const meets = (left: Row, right: Row): boolean => right.time >= left.time + from && right.time < left.end;
  const alone = (row: Row, info: EventInfo): void => {
    row.given = true;
    host.give({ key: row.key, left: row.value, right: null }, info);
  };
  return {
    isLate: (time) => from !== -NEVER && time < host.watermark() - grace,
    endOf(value, side, time) {
      if (side === "right") return NEVER;
      if (typeof to === "number") return time + to;
      const length = to(value);
      if (Number.isSafeInteger(length) && length > from) return time + length;
      throw new MillraceError("JOIN_BOUND", `no bound beyond ${from}: ${length}`, { next: "dead-lettered" });
    },
    meet(row, info) {
      const others = rows.filter(({ side, key }) => side !== row.side && sameKey(key, row.key));
      for (const other of sorted(others)) {
        const [left, right] = row.side === "left" ? [row, other] : [other, row];
        if (!meets(left, right)) continue;
        left.met = true;
        const time = Math.max(left.time, right.time) as EventInfo["time"];
        host.give({ key: row.key, left: left.value, right: right.value }, { ...info, time });
      }
      const over = row.side === "left" && row.end <= host.watermark() - grace;
      if (outer && over && !row.met) alone(row, info);
    },
    moments: ({ side, end }) => (outer && side === "left" ? [end + grace] : []),
    give(moment, key) {
      for (const row of sorted(rows.filter((one) => isOf(one, "left", key))))
        if (row.end + grace === moment && !row.met && !row.given) alone(row, infoAt(id, row, moment));
    },
  };
}

/** Each left row with the newest right row that is not younger, once the watermark has passed it and the grace. */
function versionKind(id: string, { type, grace, ttl }: By<"version">, host: Host, rows: Row[]): Kind {
  return {
    isLate: (time) => time < host.watermark() - grace,
    endOf: (_, side, time) => (side === "right" && ttl !== undefined ? time + ttl : NEVER),
    meet() {},
    moments: ({ side, time }) => (side === "left" ? [time + 1 + grace] : []),
    give(moment, key) {
      const due = rows.filter((row) => isOf(row, "left", key) && row.time + 1 + grace === moment);
      for (const row of due) {
        const version = sorted(rows.filter((one) => isOf(one, "right", key) && one.time <= row.time)).at(-1);
        const right = version !== undefined && row.time < version.end ? version.value : null;
        if (right !== null || type === "left")
          host.give({ key, left: row.value, right }, infoAt(id, row, moment));
      }
    },
  };
}

/** What is given by the watermark has its time, so that nothing behind finds it late. */
const infoAt = (id: string, { key, time, nth }: Row, moment: number): EventInfo => ({
  id: `${id}/${key}/${time}/${nth}`,
  time: Math.max(time, moment - 1) as EventInfo["time"],
  key,
});
