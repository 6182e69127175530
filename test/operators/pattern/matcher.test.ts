import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { patterns } from "../../../local/reference/patterns.ts";
import { epochMs } from "../../../shared/index.ts";
import { type Found, Matcher, NOTHING_SEEN, TooManyRuns } from "../../../shared/operators/pattern/matcher.ts";
import type { MatchSpec } from "../../../shared/operators/pattern/spec.ts";
import { decodeValue, encodeValue } from "../../../shared/state/codec.ts";
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

/** The matches, and what was cut short, as the reference finds them in the list of all events. */
function byDefinition(spec: MatchSpec, events: readonly { time: number; value: unknown }[]) {
  const given: { readonly port: string; readonly captures: Found["captures"] }[] = [];
  const nothing = () => {};
  const keeper = patterns(
    { id: "m", inputs: [], onError: "halt", spec: { kind: "match", ...spec } },
    {
      watermark: () => Number.NEGATIVE_INFINITY,
      processingTime: () => 0,
      ending: () => false,
      newestTime: () => 0,
      streamTime: () => 0,
      give: (row, _, port = "main") => {
        given.push({ port, captures: (row as { match: Found["captures"] }).match });
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

describe("the matcher", () => {
  test.prop([anySpec, anyLetters, fc.boolean()], { numRuns: 2_000 })(
    "gives exactly the matches of the reference, in its order, and what was cut short",
    (spec, letters, askAlways) => {
      const events = letters.map(({ time, value }, id) => ({ time, value: { ...value, id } }));
      const { matches, cut } = found(spec, events, askAlways);
      const steps = spec.pattern.steps.filter((step) => step.kind === "take");
      const named = ({ captures }: Pick<Found, "captures">): string =>
        steps
          .flatMap(({ name }, i) => (captures[name] ?? []).map((one) => `${i}:${(one as { id: number }).id}`))
          .join(" ");
      const defined = byDefinition(spec, events);
      expect(matches.map(named)).toEqual(defined.matches.map(named));
      expect(cut.map(named)).toEqual(defined.cut.map(named));
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
