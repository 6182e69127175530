import type { EpochMs } from "../../time/time.ts";
import type { Captures, Condition, MatchSpec, TakingStep } from "./spec.ts";
import { type Way, type Ways, waysOf } from "./steps.ts";

/** An event that a match under way has taken: its number among the key's events, its time, its value as it is kept. */
export type Taken = readonly [n: number, time: EpochMs, value: unknown];

/**
 * A match under way, and what it waits for: another event for its last step (`way` −1), or one of the ways on from it.
 * `path` lists its events: the step, and the event's number.
 */
export type Run = {
  readonly path: readonly (readonly [step: number, n: number])[];
  readonly way: number;
};

/** What a matcher keeps of a key. Never changed: an event makes another one. */
export type MatcherState = {
  /** Events that were seen. */
  readonly seen: number;
  /** The events of the paths of all runs, by number. */
  readonly taken: readonly Taken[];
  readonly runs: readonly Run[];
};

export const NOTHING_SEEN: MatcherState = { seen: 0, taken: [], runs: [] };

/** Gives the value of what is kept of it. */
export type Read = (kept: unknown) => unknown;
const asItIs: Read = (kept) => kept;

export type Found = {
  /** As they are kept. */
  readonly captures: Captures;
  readonly start: EpochMs;
  /** Of its last event. */
  readonly end: EpochMs;
};

export type Step = {
  readonly state: MatcherState;
  readonly matches: readonly Found[];
  /** Runs that ended without a match because their time was over. */
  readonly timeouts: readonly Found[];
};

/** More matches under way than a key may have. */
export class TooManyRuns extends Error {
  override readonly name = "TooManyRuns";
}

/** Another event for the step itself. */
const AGAIN = -1;

/**
 * Finds matches of a pattern in one key's events, which come in order of time. A non-deterministic automaton, in
 * the manner of SASE+ (Agrawal, Diao, Gyllstrom, Immerman, "Efficient pattern matching over event streams", SIGMOD
 * 2008): a run is a match under way together with one thing that it waits for, so that where an event can be taken in
 * two ways, there are two runs from then on.
 */
export class Matcher {
  readonly #ways: Ways;
  readonly #spec: MatchSpec;

  constructor(spec: MatchSpec) {
    this.#spec = spec;
    this.#ways = waysOf(spec.pattern);
  }

  /** The first time at which a run is over; undefined where none is under way. */
  deadline({ taken, runs }: MatcherState): EpochMs | undefined {
    if (runs.length === 0) return undefined;
    // runs are ordered by their first event
    const [first] = runs;
    const start = timeOf(taken, first?.path[0]?.[1]);
    return (start + this.#spec.pattern.within) as EpochMs;
  }

  /**
   * Ends the runs that are over at the first deadline: with a match where nothing but time was missing. Earlier
   * deadlines come first, so that what a match ends does not depend on how late one asks.
   */
  expire(state: MatcherState): Step {
    const deadline = this.deadline(state);
    if (deadline === undefined) return { state, matches: [], timeouts: [] };
    const isOver = ({ path }: Run): boolean =>
      timeOf(state.taken, path[0]?.[1]) + this.#spec.pattern.within <= deadline;
    const waitsForTime = (run: Run): boolean => run.way !== AGAIN && this.#wayOf(run)?.to === undefined;
    const { matches, left } = this.#select(
      state.taken,
      state.runs.filter((run) => !isOver(run) || !waitsForTime(run)),
      state.runs.filter((run) => isOver(run) && waitsForTime(run)),
    );
    // what has been a match, or might still have been one as it stands, was not cut short
    const cut = left.filter((run) => isOver(run) && !this.#mayEnd(run));
    const partial = new Map(cut.map((run) => [JSON.stringify(run.path), run]));
    return {
      state: stateOf(
        state.taken,
        state.seen,
        left.filter((run) => !isOver(run)),
      ),
      matches,
      timeouts: [...partial.values()].map((run) => this.#found(state.taken, run)),
    };
  }

  /**
   * Takes the key's next event. Runs whose time is over must have been ended before.
   * @param kept - the event as it is kept. @default the event itself
   * @throws what a user's condition or `read` throws, and `TooManyRuns`; the state stays as it is
   */
  next(state: MatcherState, time: EpochMs, value: unknown, kept: unknown = value, read: Read = asItIs): Step {
    const n = state.seen;
    const taken: readonly Taken[] = [...state.taken, [n, time, kept]];
    const runs: Run[] = [];
    const ended: Run[] = [];
    const take = (path: Run["path"], step: number): void => {
      const grown: Run["path"] = [...path, [step, n]];
      for (const way of this.#waysOn(grown)) {
        const run = { path: grown, way };
        if (way !== AGAIN && this.#endsAt(run)) ended.push(run);
        else runs.push(run);
      }
    };
    for (const run of state.runs) {
      const { path } = run;
      const [last = 0, lastN = 0] = path.at(-1) ?? [];
      const captures = this.#captures(taken, path, read);
      const step = this.#ways.steps[last] as TakingStep;
      const way: Way =
        run.way === AGAIN ? { to: last, contiguity: step.inner, forbidden: [] } : (this.#wayOf(run) as Way);
      if (n === lastN + 1 && way.forbidden.some((one) => one.reach === "next" && one.where(value, captures)))
        continue;
      const fits = way.to !== undefined && this.#where(way.to)(value, captures);
      if (fits) take(path, way.to as number);
      if (way.contiguity === "strict" || (fits && way.contiguity === "relaxed")) continue;
      if (way.forbidden.some((one) => one.reach === "between" && one.where(value, captures))) continue;
      runs.push(run);
    }
    for (const { to } of this.#ways.first)
      if (this.#where(to as number)(value, this.#captures([], [], read))) take([], to as number);
    if (runs.length > this.#spec.most) throw new TooManyRuns(`${runs.length} matches under way`);
    const { matches, left } = this.#select(taken, runs, ended);
    return { state: stateOf(taken, n + 1, left), matches, timeouts: [] };
  }

  #where(step: number): Condition {
    return (this.#ways.steps[step] as TakingStep).where;
  }

  #wayOf({ path, way }: Run): Way | undefined {
    return this.#ways.onward[path.at(-1)?.[0] ?? 0]?.[way];
  }

  /** Whether the run is a match as soon as it stands there: no event is missing, and nothing is forbidden any more. */
  #endsAt(run: Run): boolean {
    const way = this.#wayOf(run);
    return way?.to === undefined && way?.forbidden.length === 0;
  }

  /** Whether the events of the run are a match by themselves, now or when their time is over. */
  #mayEnd({ path }: Run): boolean {
    return this.#waysOn(path).some((way) => way !== AGAIN && this.#wayOf({ path, way })?.to === undefined);
  }

  /** The ways on of one who has just taken the last event of the path. */
  #waysOn(path: Run["path"]): number[] {
    const last = path.at(-1)?.[0] ?? 0;
    const step = this.#ways.steps[last] as TakingStep;
    const count = path.filter(([of]) => of === last).length;
    const again = count < step.max ? [AGAIN] : [];
    return count < step.min ? again : [...again, ...(this.#ways.onward[last] ?? []).keys()];
  }

  /** The matches that count, the earliest begun first, and the runs that they leave. */
  #select(
    taken: readonly Taken[],
    runs: readonly Run[],
    ended: readonly Run[],
  ): { readonly matches: readonly Found[]; readonly left: readonly Run[] } {
    const matches: Found[] = [];
    let left = [...runs].sort(byPath);
    let candidates = [...ended].sort(byPath);
    for (let run = candidates.shift(); run !== undefined; run = candidates.shift()) {
      const isSkipped = this.#skips(run);
      matches.push(this.#found(taken, run));
      left = left.filter((other) => !isSkipped(other));
      candidates = candidates.filter((other) => !isSkipped(other));
    }
    return { matches, left };
  }

  /** Which other runs a match ends: those that began from its own first event on, up to where it says. */
  #skips({ path }: Run): (other: Run) => boolean {
    const { skip } = this.#spec;
    const first = path[0]?.[1] ?? 0;
    const upTo = (last: number) => (other: Run) => {
      const start = other.path[0]?.[1] ?? 0;
      return first <= start && start <= last;
    };
    if (skip === "noSkip") return () => false;
    if (skip === "skipToNext") return upTo(first);
    if (skip === "skipPastLastEvent") return upTo(path.at(-1)?.[1] ?? 0);
    const of = (name: string): number[] =>
      path.filter(([step]) => this.#ways.steps[step]?.name === name).map(([, n]) => n);
    const to = "first" in skip ? of(skip.first)[0] : of(skip.last).at(-1);
    // a step that took nothing ends nothing
    return to === undefined ? () => false : upTo(to - 1);
  }

  #found(taken: readonly Taken[], { path }: Run): Found {
    return {
      captures: this.#captures(taken, path, asItIs),
      start: timeOf(taken, path[0]?.[1]),
      end: timeOf(taken, path.at(-1)?.[1]),
    };
  }

  #captures(taken: readonly Taken[], path: Run["path"], read: Read): Captures {
    const captures: Record<string, unknown[]> = {};
    for (const { name } of this.#ways.steps) captures[name] = [];
    for (const [step, n] of path)
      captures[this.#ways.steps[step]?.name ?? ""]?.push(read(eventAt(taken, n)?.[2]));
    return captures;
  }
}

/** Of the events, only those that a run has taken are kept. */
function stateOf(taken: readonly Taken[], seen: number, runs: readonly Run[]): MatcherState {
  const needed = new Set(runs.flatMap(({ path }) => path.map(([, n]) => n)));
  return { seen, taken: taken.filter(([n]) => needed.has(n)), runs };
}

/** Events are few, and in order. */
const eventAt = (taken: readonly Taken[], n: number | undefined): Taken | undefined =>
  taken.find(([at]) => at === n);

const timeOf = (taken: readonly Taken[], n: number | undefined): EpochMs =>
  eventAt(taken, n)?.[1] ?? (0 as EpochMs);

/** By first event, then event by event; of equal events the earlier step; a path before those that go on from it. */
function byPath(a: Run, b: Run): number {
  for (let i = 0; i < Math.min(a.path.length, b.path.length); i += 1) {
    const [[stepA, nA] = [0, 0], [stepB, nB] = [0, 0]] = [a.path[i], b.path[i]];
    if (nA !== nB) return nA - nB;
    if (stepA !== stepB) return stepA - stepB;
  }
  return a.path.length - b.path.length || a.way - b.way;
}
