import type { EpochMs } from "../../time/time.ts";
import type { PaceSpec } from "./spec.ts";

/** What an operator that paces keeps of a key, and what becomes of its events. States are never changed in place. */
export type PaceLogic<S> = {
  /** Whether events are kept: such as no log keeps then fail. */
  readonly keepsEvents: boolean;
  /** Whether an event of this time finds its state gone. */
  isLate(time: EpochMs, watermark: EpochMs): boolean;
  take(state: S | undefined, time: EpochMs, value: unknown, watermark: EpochMs): Taken<S>;
  /** What the watermark must reach for `due`. */
  next(state: S): EpochMs;
  /** What is given as the watermark reaches `at`, and what is left. */
  due(state: S, at: EpochMs): Due<S>;
};

/** `passes`: the event itself goes on now, or is one too many; undefined where it waits. `gives`: rows of its own. */
export type Taken<S> = {
  readonly state: S | undefined;
  readonly passes?: boolean;
  readonly gives?: readonly unknown[];
};

export type Due<S> = { readonly state: S | undefined; readonly gives: readonly unknown[] };

export function paceLogic(spec: PaceSpec): PaceLogic<never> {
  switch (spec.by) {
    case "throttle":
      return throttle(spec) as PaceLogic<never>;
    case "debounce":
      return debounce(spec) as PaceLogic<never>;
    case "sample":
      return sample(spec) as PaceLogic<never>;
    case "batch":
      return batch(spec) as PaceLogic<never>;
  }
}

type Of<By extends PaceSpec["by"]> = Extract<PaceSpec, { readonly by: By }>;

/** The start of the span of `length` that holds `time`. */
const startOf = (time: EpochMs, length: number): number => Math.floor(time / length) * length;

const orNothing = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

/** How many have passed, by the start of each span that is not over. */
type Passed = readonly (readonly [start: number, count: number])[];

function throttle({ most, per }: Of<"throttle">): PaceLogic<Passed> {
  return {
    keepsEvents: false,
    isLate: (time, watermark) => startOf(time, per) + per <= watermark,
    take(state = [], time) {
      const start = startOf(time, per);
      const count = state.find(([at]) => at === start)?.[1] ?? 0;
      if (count >= most) return { state, passes: false };
      const others = state.filter(([at]) => at !== start);
      return { state: [...others, [start, count + 1] as const].sort(([a], [b]) => a - b), passes: true };
    },
    next: (state) => ((state[0]?.[0] ?? 0) + per) as EpochMs,
    due: (state, at) => ({ state: orNothing(state.filter(([start]) => start + per > at)), gives: [] }),
  };
}

/** Events less than `quiet` apart: when the first and the last of them were, and the last one. In order. */
type Bursts = readonly (readonly [first: number, last: number, value: unknown])[];

function debounce({ quiet }: Of<"debounce">): PaceLogic<Bursts> {
  return {
    keepsEvents: true,
    // an event joins a burst, or begins one, as long as its quiet time is not over
    isLate: (time, watermark) => time + quiet <= watermark,
    take(state = [], time, value) {
      const near = state.filter(([first, last]) => time > first - quiet && time < last + quiet);
      const newest = near.at(-1);
      const first = Math.min(time, near[0]?.[0] ?? time);
      const burst =
        newest !== undefined && newest[1] > time
          ? ([first, newest[1], newest[2]] as const)
          : ([first, time, value] as const);
      const others = state.filter((one) => !near.includes(one));
      return { state: [...others, burst].sort(([a], [b]) => a - b) };
    },
    next: (state) => ((state[0]?.[1] ?? 0) + quiet) as EpochMs,
    due: (state, at) => ({
      state: orNothing(state.filter(([, last]) => last + quiet > at)),
      gives: state.filter(([, last]) => last + quiet <= at).map(([, , value]) => value),
    }),
  };
}

/** The event that stands for each span that is not over. */
type Samples = readonly (readonly [start: number, time: number, value: unknown])[];

function sample({ every, take }: Of<"sample">): PaceLogic<Samples> {
  return {
    keepsEvents: true,
    isLate: (time, watermark) => startOf(time, every) + every <= watermark,
    take(state = [], time, value) {
      const start = startOf(time, every);
      const other = state.find(([at]) => at === start);
      const stays = other !== undefined && (take === "first" ? other[1] <= time : other[1] > time);
      if (stays) return { state };
      const others = state.filter((one) => one !== other);
      return { state: [...others, [start, time, value] as const].sort(([a], [b]) => a - b) };
    },
    next: (state) => ((state[0]?.[0] ?? 0) + every) as EpochMs,
    due: (state, at) => ({
      state: orNothing(state.filter(([start]) => start + every > at)),
      gives: state.filter(([start]) => start + every <= at).map(([, , value]) => value),
    }),
  };
}

/** Values in the order in which they came, and until when more are waited for. */
type Batch = { readonly until: EpochMs; readonly values: readonly unknown[] };

function batch({ size, within }: Of<"batch">): PaceLogic<Batch> {
  return {
    keepsEvents: true,
    isLate: () => false,
    take(state, time, value, watermark) {
      const isOver = state !== undefined && time >= state.until;
      const over = isOver ? [state.values] : [];
      const open = isOver ? undefined : state;
      // one that comes late begins a batch that waits as long as any other
      const until = open?.until ?? ((Math.max(time, watermark) + within) as EpochMs);
      const values = [...(open?.values ?? []), value];
      return values.length >= size
        ? { state: undefined, gives: [...over, values] }
        : { state: { until, values }, gives: over };
    },
    next: ({ until }) => until,
    due: (state, at) =>
      state.until <= at ? { state: undefined, gives: [state.values] } : { state, gives: [] },
  };
}
