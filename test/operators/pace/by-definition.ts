import type { PaceSpec } from "../../../shared/operators/pace/spec.ts";
import type { Reading } from "../one-stage.ts";

export type Paced = { readonly out: string[]; readonly late: string[]; readonly excess: string[] };

/** What has been taken and not given: by key and then time, at one time in the order of arrival. */
type Waiting = readonly Reading[];

/** A key's events to give, with when they fall due. */
type Group = { readonly due: number; readonly events: Waiting; readonly gives: (events: Waiting) => string };

const ids = (events: Waiting): string => events.map(({ id }) => id).join("+");
const newest = (events: Waiting): string => events.at(-1)?.id ?? "";
const startOf = (time: number, length: number): number => Math.floor(time / length) * length;
const byTime = (events: Waiting): Reading[] => [...events].sort((a, b) => a.t - b.t);

function spans(events: Waiting, length: number): Waiting[] {
  const starts = [...new Set(events.map(({ t }) => startOf(t, length)))].sort((a, b) => a - b);
  return starts.map((start) => byTime(events.filter(({ t }) => startOf(t, length) === start)));
}

function bursts(events: Waiting, quiet: number): Waiting[] {
  const found: Reading[][] = [];
  for (const event of byTime(events)) {
    const last = found.at(-1);
    if (last !== undefined && event.t - (last.at(-1)?.t ?? 0) < quiet) last.push(event);
    else found.push([event]);
  }
  return found;
}

/** How a key's waiting events fall into groups, each of which is given once the watermark is there. */
function groups(pace: PaceSpec, events: Waiting, seenAt: ReadonlyMap<string, number>): Group[] {
  switch (pace.by) {
    case "throttle":
      return [];
    case "debounce":
      return bursts(events, pace.quiet).map((burst) => ({
        due: (burst.at(-1)?.t ?? 0) + pace.quiet,
        events: burst,
        gives: newest,
      }));
    case "sample":
      return spans(events, pace.every).map((span) => ({
        due: startOf(span[0]?.t ?? 0, pace.every) + pace.every,
        events: span,
        gives: pace.take === "last" ? newest : (all) => all[0]?.id ?? "",
      }));
    case "batch": {
      const [first] = events;
      if (first === undefined) return [];
      return [{ due: Math.max(first.t, seenAt.get(first.id) ?? 0) + pace.within, events, gives: ids }];
    }
  }
}

const isLate = (pace: PaceSpec, t: number, watermark: number): boolean => {
  if (pace.by === "throttle") return startOf(t, pace.per) + pace.per <= watermark;
  if (pace.by === "sample") return startOf(t, pace.every) + pace.every <= watermark;
  return pace.by === "debounce" && t + pace.quiet <= watermark;
};

/** What is given event by event, and at last at the end: everything taken is kept, and looked at anew each time. */
export function pacedByDefinition(pace: PaceSpec, readings: readonly Reading[], outOfOrder: number): Paced {
  const [out, late, excess]: [string[], string[], string[]] = [[], [], []];
  const seenAt = new Map<string, number>();
  const passed: Reading[] = [];
  let waiting: Reading[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  const reach = (to: number): void => {
    const due = ["a", "b", "c"]
      .flatMap((key) =>
        groups(
          pace,
          waiting.filter(({ k }) => k === key),
          seenAt,
        ).map((group) => ({ key, ...group })),
      )
      .filter((group) => group.due <= to)
      .sort((a, b) => a.due - b.due || (a.key < b.key ? -1 : 1));
    for (const { events, gives } of due) {
      out.push(gives(events));
      waiting = waiting.filter((one) => !events.includes(one));
    }
    watermark = Math.max(watermark, to);
  };
  for (const reading of readings) {
    const { k, t, id } = reading;
    seenAt.set(id, watermark);
    if (isLate(pace, t, watermark)) late.push(id);
    else if (pace.by === "throttle") {
      const before = passed.filter((one) => one.k === k && startOf(one.t, pace.per) === startOf(t, pace.per));
      if (before.length < pace.most) {
        passed.push(reading);
        out.push(id);
      } else excess.push(id);
    } else {
      const before = waiting.filter((one) => one.k === k);
      if (pace.by === "batch" && groups(pace, before, seenAt).some(({ due }) => t >= due)) {
        out.push(ids(before));
        waiting = waiting.filter((one) => one.k !== k);
      }
      waiting.push(reading);
      const own = waiting.filter((one) => one.k === k);
      if (pace.by === "batch" && own.length === pace.size) {
        out.push(ids(own));
        waiting = waiting.filter((one) => one.k !== k);
      }
    }
    reach(t - outOfOrder);
  }
  reach(Number.POSITIVE_INFINITY);
  return { out, late, excess };
}
