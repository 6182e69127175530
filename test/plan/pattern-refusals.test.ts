import { expect, test } from "vitest";
import {
  application,
  hours,
  lake,
  type MatchOptions,
  milliseconds,
  type Pattern,
  pattern,
  pipeline,
  type StepBuilder,
} from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { type Flight, flights } from "./flights-app.ts";

type Begun = StepBuilder<Flight, "a">;

const planOf = (found: Pattern<Flight, string>, options: Partial<MatchOptions<string>> = {}) =>
  planApplication(
    application("app", {
      streams: [flights],
      pipelines: [
        pipeline("p", (p) =>
          p
            .from(flights)
            .keyBy("origin")
            .match(found, { id: "m", ...options })
            .to(lake("matches")),
        ),
      ],
    }),
  );

const begun: Begun = pattern<Flight>().begin("a", () => true);
const within = hours(1);

test.each<[string, Pattern<Flight, string>, string, Partial<MatchOptions<string>>?]>([
  [
    "a step that takes nothing",
    begun.times(0).within(within),
    'step "a" can never match: it takes 0 to 0 events',
  ],
  ["times that contradict each other", begun.times(3, 2).within(within), "it takes 3 to 2 events"],
  ["half an event", begun.times(1.5).within(within), "it takes 1.5 to 1.5 events"],
  ["steps that are all optional", begun.optional().within(within), "all of its steps are optional"],
  ["two steps of one name", begun.next("a", () => true).within(within), 'two steps are called "a"'],
  [
    "something forbidden where nothing can lie",
    begun
      .notFollowedBy("b", () => true)
      .next("c", () => true)
      .within(within),
    'nothing lies between its steps around "b"',
  ],
  ["a skip to a step that is not there", begun.within(within), 'it skips to "b"', { skip: { last: "b" } }],
  [
    "no match under way",
    begun.within(within),
    "maxRuns must be a whole number from 1, not 0",
    { maxRuns: 0 },
  ],
])("a pattern with %s is refused", (_, found, message, options) => {
  expect(() => planOf(found, options)).toThrow(
    expect.objectContaining({ code: "PLAN_PATTERN", message: expect.stringContaining(message) }),
  );
});

test("a pattern whose time is over at once is refused", () => {
  expect(() => planOf(begun.within(milliseconds(0)))).toThrow(
    expect.objectContaining({ code: "PLAN_DURATION" }),
  );
});

test("a pattern without an id is refused, and one that works is told in a few words", () => {
  expect(() => planOf(begun.within(within), { id: undefined as never })).toThrow(
    expect.objectContaining({ code: "PLAN_ID_MISSING" }),
  );
  const { plan } = planOf(begun.notFollowedBy("b", () => true).within(within));
  expect(plan.pipelines.flatMap(({ stages }) => stages).flatMap(({ operators }) => operators)).toContainEqual(
    expect.objectContaining({ id: "m", kind: "match", detail: "a → not b, within 1 h" }),
  );
});
