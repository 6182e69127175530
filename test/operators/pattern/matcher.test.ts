import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { patterns } from "../../../local/reference/patterns.ts";
import { epochMs, milliseconds } from "../../../shared/index.ts";
import {
  type Found,
  Matcher,
  type MatcherState,
  NOTHING_SEEN,
  TooManyRuns,
} from "../../../shared/operators/pattern/matcher.ts";
import type { MatchSpec, TakingStep } from "../../../shared/operators/pattern/spec.ts";
import { decodeValue, encodeValue } from "../../../shared/state/codec.ts";
import { anyLetters, anySpec, type Letter } from "./patterns.ts";

type TimedLetter = { readonly time: number; readonly value: Letter };
const lettersOf = (ns: readonly number[], times: readonly number[]): TimedLetter[] =>
  ns.map((n, i) => ({ time: times[i] ?? 0, value: { n } }));
/** What the steps below take (1, then 2 or more) and forbid (0): right after a 1 and later, and times that run out one by one. */
const letters: readonly TimedLetter[] = lettersOf(
  [1, 2, 1, 0, 2, 3, 1, 2, 2],
  [0, 1, 4, 4, 7, 9, 10, 11, 19],
);

const contiguities = ["strict", "relaxed", "any"] as const;
const counts = [
  [1, 1],
  [0, 1],
  [2, 2],
  [1, 3],
  [0, 2],
] as const;
const skips: readonly MatchSpec["skip"][] = [
  "noSkip",
  "skipToNext",
  "skipPastLastEvent",
  { first: "b" },
  { last: "b" },
];

type Forbidden = { readonly reach: "next" | "between"; readonly n: number };
/** What no step takes, and what the next one does: right after an event that is forbidden, between them it is taken. */
const forbiddings: readonly (Forbidden | undefined)[] = [
  undefined,
  ...[0, 2].flatMap((n) => [
    { reach: "next" as const, n },
    { reach: "between" as const, n },
  ]),
];

const twoSteps = (
  b: Pick<TakingStep, "contiguity" | "inner" | "min" | "max">,
  forbidden: Forbidden | undefined,
  skip: MatchSpec["skip"],
): MatchSpec => ({
  pattern: {
    steps: [
      {
        kind: "take",
        name: "a",
        contiguity: "relaxed",
        where: (value) => (value as Letter).n === 1,
        min: 1,
        max: 2,
        inner: "relaxed",
      },
      ...(forbidden === undefined
        ? []
        : [
            {
              kind: "forbid" as const,
              name: "x",
              reach: forbidden.reach,
              where: (value: unknown) => (value as Letter).n === forbidden.n,
            },
          ]),
      { kind: "take", name: "b", where: (value) => (value as Letter).n >= 2, ...b },
    ],
    within: milliseconds(8),
  },
  skip,
  most: 1_000,
});

/** Gives the events to a matcher, their numbers as their values beside the letter; deadlines in between, when asked. */
function found(spec: MatchSpec, events: readonly { time: number; value: unknown }[], askAlways: boolean) {
  const matcher = new Matcher(spec);
  let state = NOTHING_SEEN;
  const [matches, cut]: [Found[], Found[]] = [[], []];
  const expire = (upTo: number): void => {
    for (let at = matcher.deadline(state); at !== undefined && at <= upTo; at = matcher.deadline(state)) {
      const step = matcher.expire(state);
      matches.push(...step.matches);
      cut.push(...step.timeouts);
      state = step.state;
    }
  };
  for (const { time, value } of events) {
    if (askAlways) for (let at = time - 5; at < time; at += 1) expire(at);
    expire(time);
    const step = matcher.next(state, epochMs(time), value);
    matches.push(...step.matches);
    state = decodeValue(encodeValue(step.state)) as typeof state;
    expectNoMoreKept(matcher, spec, state);
  }
  expire(Number.POSITIVE_INFINITY);
  expect(state.runs).toEqual([]);
  expect(state.taken).toEqual([]);
  return { matches, cut };
}

/** Of all events those that a run has taken, in order; and the first of the runs' own deadlines. */
function expectNoMoreKept(matcher: Matcher, { pattern }: MatchSpec, state: MatcherState): void {
  const { taken, runs } = state;
  const needed = [...new Set(runs.flatMap(({ path }) => path.map(([, n]) => n)))].sort((a, b) => a - b);
  expect(taken.map(([n]) => n)).toEqual(needed);
  const starts = runs.map(({ path }) => taken.find(([n]) => n === path[0]?.[1])?.[1] ?? Number.NaN);
  const deadline = runs.length === 0 ? undefined : Math.min(...starts) + pattern.within;
  expect(matcher.deadline(state)).toBe(deadline);
}

/** The matches, and what was cut short, as the reference finds them in the list of all events. */
function byDefinition(spec: MatchSpec, events: readonly { time: number; value: unknown }[]) {
  const given: (Found & { readonly port: string })[] = [];
  const nothing = () => {};
  const keeper = patterns(
    { id: "m", inputs: [], onError: "halt", spec: { kind: "match", ...spec, kept: {} } },
    {
      watermark: () => Number.NEGATIVE_INFINITY,
      processingTime: () => 0,
      ending: () => false,
      newestTime: () => 0,
      streamTime: () => 0,
      give: (row, _, port = "main") => {
        const { match, start, end } = row as { match: Found["captures"] } & Found;
        given.push({ port, captures: match, start, end });
      },
      late: nothing,
      fail: nothing,
      repeat: nothing,
    },
  );
  for (const { time, value } of events) keeper.take(value, { id: "e", time: epochMs(time), key: "k" }, 0);
  for (let at = keeper.nextMoment(); at < Number.POSITIVE_INFINITY; at = keeper.nextMoment())
    keeper.reach(at);
  const to = (name: string) => given.filter(({ port }) => port === name);
  return { matches: to("main"), cut: to("timeout") };
}

/** Which event each step took, and from when to when. */
function namesOf({ pattern }: MatchSpec, found: readonly Found[]): string[] {
  const steps = pattern.steps.filter((step) => step.kind === "take");
  return found.map(({ captures, start, end }) =>
    steps
      .flatMap(({ name }, i) => (captures[name] ?? []).map((one) => `${i}:${(one as { id: number }).id}`))
      .concat(`from ${start} to ${end}`)
      .join(" "),
  );
}

/** The same from the matcher and from the reference. */
function expectAsDefined(spec: MatchSpec, letters: readonly TimedLetter[], askAlways: boolean): void {
  const events = letters.map(({ time, value }, id) => ({ time, value: { ...value, id } }));
  const { matches, cut } = found(spec, events, askAlways);
  const defined = byDefinition(spec, events);
  expect(namesOf(spec, matches)).toEqual(namesOf(spec, defined.matches));
  expect(namesOf(spec, cut)).toEqual(namesOf(spec, defined.cut));
}

describe("the matcher", () => {
  test.prop([anySpec, anyLetters, fc.boolean()], { numRuns: 2_000 })(
    "gives exactly the matches of the reference, in its order, and what was cut short",
    (spec, letters, askAlways) => {
      expectAsDefined(spec, letters, askAlways);
    },
  );

  describe.each(contiguities)("with a step that is %s", (contiguity) => {
    test.each(contiguities)(
      "and events for it that are %s: as the reference, whatever else is said",
      (inner) => {
        for (const [min, max] of counts)
          for (const forbidden of forbiddings)
            for (const skip of skips)
              expectAsDefined(twoSteps({ contiguity, inner, min, max }, forbidden, skip), letters, false);
      },
    );
  });

  const two: MatchSpec = {
    pattern: {
      steps: [
        { kind: "take", name: "a", contiguity: "relaxed", where: () => true, min: 3, max: 3, inner: "any" },
      ],
      within: 100 as never,
    },
    skip: "noSkip",
    most: 3,
  };

  test("refuses an event that would make more runs than are allowed, and stays as it was", () => {
    const matcher = new Matcher(two);
    const { state } = matcher.next(NOTHING_SEEN, epochMs(1), "a");
    const before = encodeValue(state);
    const { state: more } = matcher.next(state, epochMs(2), "b");
    expect(() => matcher.next(more, epochMs(3), "c")).toThrow(TooManyRuns);
    expect(encodeValue(state)).toBe(before);
  });
});
