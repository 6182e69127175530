import type { EventInfo, Key } from "../../shared/events/event.ts";
import type { Host, Keeper } from "./host.ts";
import { copyOf, isTaken } from "./keepable.ts";
import { byKey, sameKey } from "./keys.ts";
import type { PaceNode } from "./stage.ts";

type Pace = PaceNode["spec"]["pace"];
type Of<By extends Pace["by"]> = Extract<Pace, { readonly by: By }>;

/** An event that was taken, and the watermark that it found. */
type Taken = { readonly key: Key; readonly time: number; readonly value: unknown; readonly found: number };

/** Events that become one row, and the watermark at which they do. */
type Group = { readonly due: number; readonly events: readonly Taken[]; readonly row: unknown };

/** What thins out or puts together, by its definition: a list of events, looked through for each event and moment. */
export function paces({ id, spec: { pace } }: PaceNode, host: Host): Keeper {
  return pace.by === "throttle" ? throttle(pace, host) : gathering(id, pace, host);
}

const startOf = (time: number, length: number): number => Math.floor(time / length) * length;

/** Of each span the first `most` pass; those that passed are remembered. */
function throttle({ most, per }: Of<"throttle">, host: Host): Keeper {
  const passed: { readonly key: Key; readonly start: number }[] = [];
  return {
    take(value, info) {
      const start = startOf(info.time, per);
      if (start + per <= host.watermark()) {
        host.late(value, info);
        return;
      }
      const before = passed.filter((one) => sameKey(one.key, info.key) && one.start === start);
      if (before.length >= most) {
        host.give(value, info, "excess");
        return;
      }
      passed.push({ key: info.key, start });
      host.give(value, info);
    },
    nextMoment: () => Number.POSITIVE_INFINITY,
    reach() {},
    nextShowing: () => Number.POSITIVE_INFINITY,
    show() {},
  };
}

/** Events wait, and fall into groups anew whenever one looks. */
function gathering(id: string, pace: Exclude<Pace, { by: "throttle" }>, host: Host): Keeper {
  let waiting: Taken[] = [];
  const of = (key: Key): Taken[] => waiting.filter((one) => sameKey(one.key, key));
  const forget = ({ events }: Group): void => {
    waiting = waiting.filter((one) => !events.includes(one));
  };
  const groups = (): { readonly key: Key; readonly groups: readonly Group[] }[] => {
    const keys = waiting.map(({ key }) => key).filter((key, i, all) => all.findIndex(sameAs(key)) === i);
    return keys.sort(byKey).map((key) => ({ key, groups: groupsOf(pace, of(key)) }));
  };
  const giveWith = (info: EventInfo, group: Group): void => {
    forget(group);
    host.give(copyOf(group.row), info);
  };
  return {
    take(value, info) {
      const { key, time } = info;
      if (isLate(pace, time, host.watermark())) {
        host.late(value, info);
        return;
      }
      if (!isTaken(value, info, host)) return;
      const taken = { key, time, value: copyOf(value), found: host.watermark() };
      if (pace.by === "batch") for (const group of over(pace, of(key), time)) giveWith(info, group);
      waiting.push(taken);
      if (pace.by === "batch" && of(key).length >= pace.size)
        for (const group of groupsOf(pace, of(key))) giveWith(info, group);
    },
    nextMoment: () =>
      Math.min(Number.POSITIVE_INFINITY, ...groups().flatMap((one) => one.groups.map(({ due }) => due))),
    reach(moment) {
      for (const { key, groups: mine } of groups()) {
        const due = mine.filter((group) => group.due <= moment);
        for (const group of due) forget(group);
        for (const [i, { row }] of due.entries())
          host.give(copyOf(row), {
            id: `${id}/${key}/${moment}/${i}`,
            time: (moment - 1) as EventInfo["time"],
            key,
          });
      }
    },
    nextShowing: () => Number.POSITIVE_INFINITY,
    show() {},
  };
}

const sameAs = (key: Key) => (other: Key) => sameKey(key, other);

function isLate(pace: Pace, time: number, watermark: number): boolean {
  if (pace.by === "sample") return startOf(time, pace.every) + pace.every <= watermark;
  return pace.by === "debounce" && time + pace.quiet <= watermark;
}

/** What of one key waits, in groups: oldest first. */
function groupsOf(pace: Exclude<Pace, { by: "throttle" }>, events: readonly Taken[]): Group[] {
  const inOrder = events.toSorted((a, b) => a.time - b.time);
  switch (pace.by) {
    case "debounce":
      return cutWhere(inOrder, (a, b) => b.time - a.time >= pace.quiet).map((burst) => {
        const last = burst.at(-1) as Taken;
        return { due: last.time + pace.quiet, events: burst, row: last.value };
      });
    case "sample": {
      const start = ({ time }: Taken): number => startOf(time, pace.every);
      return cutWhere(inOrder, (a, b) => start(a) !== start(b)).map((span) => {
        const one = span.at(pace.take === "first" ? 0 : -1) as Taken;
        return { due: start(one) + pace.every, events: span, row: one.value };
      });
    }
    case "batch": {
      // in the order in which they came
      const [first] = events;
      if (first === undefined) return [];
      const due = Math.max(first.time, first.found) + pace.within;
      return [{ due, events, row: { key: first.key, values: events.map(({ value }) => value) } }];
    }
  }
}

/** The batch that an event of this time comes too late for. */
const over = (pace: Of<"batch">, events: readonly Taken[], time: number): Group[] =>
  groupsOf(pace, events).filter(({ due }) => time >= due);

/** Cuts a list between two neighbours wherever `apart` says so. */
function cutWhere(events: readonly Taken[], apart: (a: Taken, b: Taken) => boolean): Taken[][] {
  const parts: Taken[][] = [];
  for (const event of events) {
    const last = parts.at(-1);
    const before = last?.at(-1);
    if (last === undefined || before === undefined || apart(before, event)) parts.push([event]);
    else last.push(event);
  }
  return parts;
}
