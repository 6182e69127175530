import type { WindowSpec } from "../../shared/index.ts";
import type { Reading } from "./one-stage.ts";

/**
 * What windows give, by definition: every event looks again at all events that are kept, and nothing is
 * computed ahead. Slow, and apart from the engine on purpose.
 */
export type Rules = {
  readonly window: WindowSpec;
  readonly lateness: number;
  readonly outOfOrder: number;
  readonly earlyMs?: number | undefined;
  /** Early panes come at multiples of so much processing time, and an event was sent at the time at its place here. */
  readonly byClock?: { readonly every: number; readonly sentAt: readonly number[] } | undefined;
  readonly earlyEvents?: number | undefined;
  /** An event with this number shows its windows. */
  readonly earlyN?: number | undefined;
  readonly discarding: boolean;
};

export type Result = {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly index: number;
  readonly timing: string;
  /** Ids of the events in the pane. */
  readonly ids: readonly string[];
};

/** A window of one key: its events, those of them that no pane has shown, and the panes so far. */
type Window = {
  key: string;
  start: number;
  end: number;
  events: readonly Reading[];
  unshown: readonly Reading[];
  panes: number;
  /** Set until the watermark has reached its end. */
  open: boolean;
};

/** What each event gives, in turn; with the events that were late, and at last what the end of the input gives. */
export function byDefinition(
  rules: Rules,
  readings: readonly Reading[],
): { readonly steps: readonly (readonly Result[])[]; readonly late: readonly string[] } {
  const { lateness, outOfOrder, earlyMs, byClock, discarding } = rules;
  // an event at the very end of a session still joins it, so a session closes once the watermark is beyond
  const closesAt = (end: number): number => (rules.window.kind === "session" ? end + 1 : end);
  let windows: Window[] = [];
  let streamTime = -Infinity;
  let watermark = -Infinity;
  let results: Result[] = [];
  const late: string[] = [];

  const show = (window: Window, timing: string): void => {
    const { key, start, end, panes } = window;
    const shown = discarding ? window.unshown : window.events;
    results.push({ key, start, end, index: panes, timing, ids: shown.map(({ id }) => id).sort() });
    window.panes += 1;
    if (timing !== "retracted") window.unshown = [];
  };

  const add = (event: Reading): void => {
    const takers =
      rules.window.kind === "session" ? sessionOf(rules.window.gap, event) : alignedOf(rules.window, event);
    const inTime = takers.filter(({ end }) => closesAt(end) + lateness > watermark);
    if (inTime.length === 0) late.push(event.id);
    for (const window of inTime) {
      if (!windows.includes(window)) windows.push(window);
      window.events = [...window.events, event];
      window.unshown = [...window.unshown, event];
      if (closesAt(window.end) <= watermark) show(window, "late");
      else if (event.n === rules.earlyN || window.unshown.length >= (rules.earlyEvents ?? Infinity))
        show(window, "early");
    }
  };

  /** The windows that hold the event's time, each bound looked at. */
  const alignedOf = (spec: Exclude<WindowSpec, { kind: "session" }>, { k, t }: Reading): Window[] =>
    spansAt(spec, t).map(
      ([start, end]) =>
        windows.find((window) => window.key === k && window.start === start && window.end === end) ??
        fresh(k, start, end),
    );

  /** The one session that the event makes with all events of its key that are still kept. */
  const sessionOf = (gap: number, event: Reading): Window[] => {
    const mine = windows.filter(({ key }) => key === event.k);
    const kept = [...mine.flatMap(({ events }) => events), event].sort((a, b) => a.t - b.t);
    const groups: Reading[][] = [];
    for (const one of kept) {
      const before = groups.at(-1)?.at(-1);
      if (before !== undefined && one.t - before.t <= gap) groups.at(-1)?.push(one);
      else groups.push([one]);
    }
    const group = groups.find((events) => events.includes(event)) ?? [];
    const parts = mine.filter(({ events }) => events.some((one) => group.includes(one)));
    const start = (group[0] ?? event).t;
    const end = (group.at(-1) ?? event).t + gap;
    const [only] = parts;
    if (only !== undefined && parts.length === 1 && only.start === start && only.end === end) return [only];
    const joined = fresh(event.k, start, end);
    if (closesAt(end) + lateness <= watermark) return [joined];
    if (!discarding) for (const part of parts) if (part.panes > 0) show(part, "retracted");
    joined.events = parts.flatMap(({ events }) => events);
    joined.unshown = parts.flatMap(({ unshown }) => unshown);
    joined.panes = Math.max(0, ...parts.map(({ panes }) => panes));
    windows = windows.filter((window) => !parts.includes(window));
    return [joined];
  };

  const fresh = (key: string, start: number, end: number): Window => ({
    key,
    start,
    end,
    events: [],
    unshown: [],
    panes: 0,
    open: closesAt(end) > watermark,
  });

  const reach = (time: number, hadUnshown: ReadonlySet<string>): void => {
    if (time <= streamTime) return;
    const multiples =
      earlyMs === undefined ? 0 : Math.floor(time / earlyMs) - Math.floor(streamTime / earlyMs);
    if (multiples > 0)
      for (const window of windows)
        if (window.unshown.some(({ id }) => hadUnshown.has(id))) show(window, "early");
    streamTime = time;
  };

  let now = -Infinity;
  /** Before anything else comes of an event: whatever no pane has shown is shown where the clock has passed a multiple. */
  const clockReaches = (sentAt: number): void => {
    if (byClock === undefined || sentAt <= now) return;
    if (Math.floor(sentAt / byClock.every) > Math.floor(now / byClock.every))
      for (const window of windows) if (window.unshown.length > 0) show(window, "early");
    now = sentAt;
  };

  const advance = (to: number): void => {
    if (to <= watermark) return;
    watermark = to;
    for (const window of windows) {
      if (!window.open || closesAt(window.end) > watermark) continue;
      window.open = false;
      if (window.unshown.length > 0 || !discarding) show(window, "on-time");
    }
    windows = windows.filter(({ end }) => closesAt(end) + lateness > watermark);
  };

  const steps = readings.map((event, i) => {
    results = [];
    clockReaches(byClock?.sentAt[i] ?? 0);
    const waiting = new Set(windows.flatMap(({ unshown }) => unshown.map(({ id }) => id)));
    add(event);
    reach(event.t, waiting);
    advance(event.t - outOfOrder);
    return results;
  });
  results = [];
  advance(Infinity);
  return { steps: [...steps, results], late };
}

const isMultiple = (time: number, of: number): boolean => Math.round(time / of) * of === time;

function spansAt(spec: Exclude<WindowSpec, { kind: "session" }>, t: number): [start: number, end: number][] {
  if (spec.kind === "global") return [[-8.64e15, 8.64e15]];
  const found: [number, number][] = [];
  for (let start = t - 2 * spec.size; start <= t; start += 1)
    for (let end = t + 1; end <= start + spec.size; end += 1) {
      const isOne =
        spec.kind === "cumulating"
          ? isMultiple(start, spec.size) && isMultiple(end, spec.step)
          : isMultiple(start, spec.kind === "hopping" ? spec.slide : spec.size) && end === start + spec.size;
      if (isOne) found.push([start, end]);
    }
  return found;
}
