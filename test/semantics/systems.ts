import { milliseconds as ms, tumbling, type WindowSpec } from "../../shared/index.ts";
import type { Case, System } from "./case.ts";
import { tokensOf } from "./tokens.ts";

/** A window of a key: `[start, end)` in the terms of Flink and Beam, its last event at `last`. */
type Window = { readonly key: string; start: number; end: number; last: number; ids: number[] };

/** The formulas in which the systems differ. */
type Rules = {
  /** Whether windows that end and start at one time are one session. */
  readonly mergesTouching: boolean;
  /** Whether an event is judged with what its own time makes of the newest time. */
  readonly countsItself: boolean;
  /** Whether an event is judged by the session that it makes, or by itself. */
  readonly judgesMerged: boolean;
  /** Whether nothing more is taken into a window; `newest` is the highest time, `slack` what is waited for it. */
  readonly isGone: (window: Window, newest: number, slack: number, isSession: boolean) => boolean;
  /** The first time at which a window may start; what is older is dropped. */
  readonly first: number;
};

const RULES: Readonly<Record<System, Rules>> = {
  // last timestamp + lateness <= watermark, where the watermark is newest - outOfOrder - 1
  flink: {
    mergesTouching: true,
    countsItself: false,
    judgesMerged: true,
    isGone: ({ end }, newest, slack) => end - 1 <= newest - slack - 1,
    first: Number.NEGATIVE_INFINITY,
  },
  // last timestamp + lateness is before the watermark
  beam: {
    mergesTouching: false,
    countsItself: false,
    judgesMerged: false,
    isGone: ({ end }, newest, slack) => end - 1 < newest - slack,
    first: Number.NEGATIVE_INFINITY,
  },
  // a window's end <= stream time - grace; a session's last record < stream time - grace - gap
  kafka: {
    mergesTouching: true,
    countsItself: true,
    judgesMerged: true,
    isGone: ({ end }, newest, slack, isSession) => (isSession ? end < newest - slack : end <= newest - slack),
    first: 0,
  },
};

/** Whether the formulas say all that decides the contents: not of ticks, upstreams, dedupe and windows of windows. */
export const isModelled = (row: Case): boolean =>
  row.dedupe === undefined &&
  row.behind === undefined &&
  !(row.discarding === true && row.window?.kind === "session") &&
  tokensOf(row.in).every(
    (token) => token.kind === "end" || (token.kind === "event" && token.channel === undefined),
  ) &&
  tokensOf(row.in).some(({ kind }) => kind === "end");

/**
 * What a system's windows hold in the end, and what was late, by its own formulas (see `sources.ts`): lateness and
 * out-of-orderness as they are, or together as Kafka's grace; watermarks with each event.
 */
export function contentsBy(system: System, row: Case): string {
  const { outOfOrder = 0, lateness = 0, window: spec = tumbling(ms(10)) } = row;
  const rules = RULES[system];
  const isSession = spec.kind === "session";
  const slack = outOfOrder + lateness;
  let newest = Number.NEGATIVE_INFINITY;
  let open: Window[] = [];
  const all: Window[] = [];
  const late: number[] = [];
  for (const token of tokensOf(row.in)) {
    if (token.kind === "end") newest = Number.POSITIVE_INFINITY;
    if (token.kind !== "event" || token.time < rules.first) continue;
    const judged = rules.countsItself ? Math.max(newest, token.time) : newest;
    const gone = (window: Window): boolean => rules.isGone(window, judged, slack, isSession);
    open = open.filter((window) => !gone(window));
    let taken = false;
    for (const own of windowsOf(spec, token.key, token.time, rules.first)) {
      const merged = isSession
        ? open.filter(
            (one) =>
              one.key === own.key &&
              (rules.mergesTouching
                ? one.start <= own.end && one.end >= own.start
                : one.start < own.end && one.end > own.start),
          )
        : open.filter((one) => one.key === own.key && one.start === own.start);
      const window = joined(own, merged);
      if (gone(rules.judgesMerged ? window : own)) continue;
      taken = true;
      window.ids.push(token.at);
      for (const one of merged) all.splice(all.indexOf(one), 1);
      open = [...open.filter((one) => !merged.includes(one)), window];
      all.push(window);
    }
    if (!taken) late.push(token.at);
    newest = Math.max(newest, token.time);
  }
  return contentsText(all, late, isSession);
}

function joined(own: Window, others: readonly Window[]): Window {
  const each = [own, ...others];
  return {
    key: own.key,
    start: Math.min(...each.map(({ start }) => start)),
    end: Math.max(...each.map(({ end }) => end)),
    last: Math.max(...each.map(({ last }) => last)),
    ids: others.flatMap(({ ids }) => ids),
  };
}

function windowsOf(spec: WindowSpec, key: string, time: number, first: number): Window[] {
  if (spec.kind === "global" || spec.kind === "cumulating")
    throw new TypeError(`no case has ${spec.kind} windows`);
  if (spec.kind === "session") return [{ key, start: time, end: time + spec.gap, last: time, ids: [] }];
  const slide = spec.kind === "hopping" ? spec.slide : spec.size;
  const windows: Window[] = [];
  for (let start = Math.floor(time / slide) * slide; start > time - spec.size; start -= slide)
    if (start >= first) windows.push({ key, start, end: start + spec.size, last: time, ids: [] });
  return windows;
}

/** Sessions without their bounds, which have another form in each system. */
export function contentsText(
  windows: readonly {
    readonly key: string;
    readonly start: number;
    readonly end: number;
    readonly ids: readonly number[];
  }[],
  late: readonly number[],
  isSession: boolean,
): string {
  const texts = windows.map(({ key, start, end, ids }) => {
    const events = [...ids].sort((a, b) => a - b).join("+");
    return isSession ? `${key}=${events}` : `${key}[${start},${end})=${events}`;
  });
  return [...texts.sort(), ...late.map((id) => `late ${id}`)].join("; ");
}
