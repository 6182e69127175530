import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { EventInfo, Key } from "../../shared/events/event.ts";
import { type Content, customStates, EMPTY, resultsOf, type Taken, withEvent } from "./content.ts";
import type { Host, Keeper } from "./host.ts";
import { checkKeepable, copyOf } from "./keepable.ts";
import { byKey, sameKey } from "./keys.ts";
import type { WindowNode } from "./stage.ts";

/** A window of one key that still takes events. */
type Window = {
  readonly key: Key;
  readonly start: number;
  readonly end: number;
  /** What its next pane holds: all events, or those that no pane has held where panes discard. */
  content: Content;
  /** How many events no pane has held. */
  unshown: number;
  /** How many panes there were. */
  panes: number;
  /** The stream time, or the processing time, at which its unshown events are shown ahead of the watermark. */
  due: number;
};

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Windows by their definition: a list of windows, each with the list of its events, looked through for each event and
 * each moment. A pane is computed from the events that it holds.
 */
export function windows(node: WindowNode, host: Host): Keeper {
  const { window: shape, aggregates, allowedLateness, trigger } = node.spec;
  const discards = trigger.accumulation === "discarding";
  const { early } = trigger;
  const byClock = typeof early === "object" && "processingTime" in early;
  const every = byClock ? early.processingTime : typeof early === "number" ? early : undefined;
  const everyEvents = typeof early === "object" && "events" in early ? early.events : NEVER;
  const when = typeof early === "object" && "when" in early ? early.when : () => false;
  const merges = shape.kind === "session" || (shape.kind === "custom" && shape.merge);
  // an event exactly `gap` after a session's last still joins it: a session is over a millisecond after its end
  const closesAt = ({ end }: { readonly end: number }): number => (merges ? end + 1 : end);
  const goesAt = (window: { readonly end: number }): number => closesAt(window) + allowedLateness;
  let open: Window[] = [];

  const show = (window: Window, timing: "early" | "on-time" | "late" | "retracted"): void => {
    const { key, start, end, content, panes } = window;
    const info: EventInfo = {
      id: `${node.id}/${key}/${start}/${panes}`,
      time: (closesAt(window) - 1) as EventInfo["time"],
      key,
    };
    window.panes += 1;
    if (timing !== "retracted") {
      window.unshown = 0;
      window.due = NEVER;
      if (discards) window.content = EMPTY;
    }
    let results: Record<string, unknown>;
    try {
      results = copyOf(resultsOf(aggregates, content));
    } catch (thrown) {
      host.fail({ key, window: { start, end } }, thrown, info);
      return;
    }
    host.give({ ...results, key, window: { start, end }, pane: { index: panes, timing } }, info);
  };

  /** The windows that the event is in, each with the open windows that it replaces. */
  const windowsOf = (value: unknown, info: EventInfo): Place[] => {
    const mine = open.filter((window) => sameKey(window.key, info.key));
    return spansOf(shape, value, info).map((span) =>
      merges
        ? joined(span, mine)
        : { ...span, of: mine.filter(({ start, end }) => start === span.start && end === span.end) },
    );
  };

  const add = (event: Taken & { readonly tells: boolean }, { start, end, of }: Place): void => {
    let [window] = of;
    if (window === undefined || of.length > 1 || window.start !== start || window.end !== end) {
      if (!discards) for (const part of of) if (part.panes > 0) show(part, "retracted");
      open = open.filter((one) => !of.includes(one));
      window = {
        key: event.info.key,
        start,
        end,
        content: { of: of.map(({ content }) => content), events: [] },
        unshown: of.reduce((n, { unshown }) => n + unshown, 0),
        panes: Math.max(0, ...of.map(({ panes }) => panes)),
        due: Math.min(NEVER, ...of.map(({ due }) => due)),
      };
      open.push(window);
    }
    window.content = withEvent(window.content, event);
    window.unshown += 1;
    if (every !== undefined && window.due === NEVER)
      window.due = (Math.floor((byClock ? host.processingTime() : host.newestTime()) / every) + 1) * every;
    if (closesAt(window) <= host.watermark()) show(window, "late");
    else if (event.tells || window.unshown >= everyEvents) show(window, "early");
  };

  const nextDue = (): number => Math.min(NEVER, ...open.map(({ due }) => due));
  const showDue = (time: number): void => {
    const due = open.filter((window) => window.due === time);
    for (const window of due.sort((a, b) => a.start - b.start || a.end - b.end || byKey(a.key, b.key)))
      show(window, "early");
  };

  return {
    take(value, info) {
      let places: Place[];
      try {
        places = windowsOf(value, info).filter((place) => goesAt(place) > host.watermark());
      } catch (thrown) {
        host.fail(value, thrown, info);
        return;
      }
      if (places.length === 0) {
        host.late(value, info);
        return;
      }
      let event: Taken & { readonly tells: boolean };
      try {
        event = { picked: pickedOf(node, value, info), info, tells: when(value, info) };
        for (const { of } of places) {
          const joined = withEvent({ of: of.map(({ content }) => content), events: [] }, event);
          for (const state of customStates(aggregates, joined)) checkKeepable(state);
        }
      } catch (thrown) {
        host.fail(value, thrown, info);
        return;
      }
      for (const place of places) add(event, place);
    },
    nextMoment: () =>
      Math.min(
        NEVER,
        ...open.flatMap((window) =>
          [closesAt(window), goesAt(window)].filter((time) => time > host.watermark()),
        ),
      ),
    reach(time) {
      const closing = open.filter((window) => closesAt(window) === time);
      for (const window of closing.sort((a, b) => byKey(a.key, b.key) || a.start - b.start))
        if (window.unshown > 0 || (!discards && window.panes > 0)) show(window, "on-time");
      open = open.filter((window) => goesAt(window) > time);
    },
    nextShowing: () => (byClock ? NEVER : nextDue()),
    show: showDue,
    nextCall: () => (byClock ? nextDue() : NEVER),
    call: showDue,
  };
}

/** Where an event goes: the bounds of a window, and the windows there are that it is made of. */
type Place = { readonly start: number; readonly end: number; readonly of: readonly Window[] };

type Bounds = { readonly start: number; readonly end: number };

/** The windows of an event, before any become one. */
function spansOf(shape: WindowNode["spec"]["window"], value: unknown, info: EventInfo): readonly Bounds[] {
  const { time } = info;
  switch (shape.kind) {
    case "tumbling":
      return alignedOf(time, shape.size, shape.size);
    case "hopping":
      return alignedOf(time, shape.size, shape.slide);
    case "cumulating":
      return cumulatingOf(time, shape.size, shape.step);
    case "session":
      return [{ start: time, end: time + shape.gap }];
    case "global":
      return [{ start: -8.64e15, end: 8.64e15 }];
    case "custom":
      return customOf(shape.assign(value, info), shape.merge);
  }
}

/** @throws MillraceError `WINDOW_SPAN` */
function customOf(spans: readonly Bounds[], merge: boolean): readonly Bounds[] {
  const isOne = ({ start, end }: Bounds): boolean =>
    Number.isSafeInteger(start) && Number.isSafeInteger(end) && start < end;
  if (spans.length === 0 || (merge && spans.length > 1) || !spans.every(isOne))
    throw new MillraceError("WINDOW_SPAN", "windows that cannot be", { next: "dead-lettered" });
  return spans.filter(
    (span, i) => spans.findIndex(({ start, end }) => start === span.start && end === span.end) === i,
  );
}

/** The windows of an epoch-aligned span that end a multiple of the step after its start and hold the time. */
export function cumulatingOf(time: number, size: number, step: number): { start: number; end: number }[] {
  const start = Math.floor(time / size) * size;
  return Array.from({ length: size / step }, (_, i) => ({ start, end: start + (i + 1) * step })).filter(
    ({ end }) => end > time,
  );
}

/** All windows of a size that start at a multiple of the slide and hold the time, newest first. */
export function alignedOf(time: number, size: number, slide: number): { start: number; end: number }[] {
  const newest = Math.floor(time / slide);
  const back = Math.ceil(size / slide);
  return Array.from({ length: back + 1 }, (_, i) => (newest - i) * slide)
    .filter((start) => start <= time && time < start + size)
    .map((start) => ({ start, end: start + size }));
}

/** The session that an event's span makes with all those that it touches, oldest first. */
function joined(span: Bounds, sessions: readonly Window[]): Place {
  const of = sessions
    .filter(({ start, end }) => span.end >= start && span.start <= end)
    .sort((a, b) => a.start - b.start);
  return {
    start: Math.min(span.start, ...of.map(({ start }) => start)),
    end: Math.max(span.end, ...of.map(({ end }) => end)),
    of,
  };
}

const pickedOf = ({ spec }: WindowNode, value: unknown, info: EventInfo): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(spec.aggregates).map(([name, aggregate]) => [
      name,
      copyOf(aggregate.extract(value, info)),
    ]),
  );
