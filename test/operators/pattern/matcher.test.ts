import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { epochMs } from "../../../shared/index.ts";
import { type Found, Matcher, NOTHING_SEEN, TooManyRuns } from "../../../shared/operators/pattern/matcher.ts";
import type { MatchSpec } from "../../../shared/operators/pattern/spec.ts";
import { decodeValue, encodeValue } from "../../../shared/state/codec.ts";
import { matchesByDefinition } from "./by-definition.ts";
import { anyLetters, anySpec } from "./patterns.ts";

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
  }
  expire(Number.POSITIVE_INFINITY);
  expect(state.runs).toEqual([]);
  expect(state.taken).toEqual([]);
  return { matches, cut };
}

describe("the matcher", () => {
  test.prop([anySpec, anyLetters, fc.boolean()], { numRuns: 2_000 })(
    "gives exactly the matches of the definition, in its order, and what was cut short",
    (spec, letters, askAlways) => {
      const events = letters.map(({ time, value }, id) => ({ time, value: { ...value, id } }));
      const { matches, cut } = found(spec, events, askAlways);
      const steps = spec.pattern.steps.filter((step) => step.kind === "take");
      const named = ({ captures }: Found): string =>
        steps
          .flatMap(({ name }, i) => (captures[name] ?? []).map((one) => `${i}:${(one as { id: number }).id}`))
          .join(" ");
      const defined = matchesByDefinition(spec, events);
      expect(matches.map(named)).toEqual(defined.matches);
      expect(cut.map(named)).toEqual(defined.cut);
    },
  );

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
