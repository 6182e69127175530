import { expect, test } from "vitest";
import { z } from "zod";
import { count, hours, pipeline, quantile, stream, tumbling } from "../../shared/index.ts";
import type { PipelineBuilder } from "../../shared/pipeline/pipeline.ts";
import { rule } from "../../shared/rules.ts";

const visits = stream("visits", {
  schema: z.object({ who: z.string(), at: z.int() }),
  time: "at",
  key: "who",
});
const keyed = (p: PipelineBuilder) =>
  p
    .from(visits)
    .filter(() => true, { id: "all" })
    .keyBy("who");

test.each<[string, (p: PipelineBuilder) => unknown, string]>([
  [
    "a rule that filters",
    (p) => p.from(visits).filter(rule("event.at >")),
    'PLAN_RULE pipeline "p", in the operator behind "visits": rule "event.at >", at 1:11: ',
  ],
  [
    "a rule that counts",
    (p) =>
      keyed(p)
        .window(tumbling(hours(1)), { id: "hourly" })
        .aggregate({ n: count(rule(")")) }),
    'PLAN_RULE pipeline "p", in the operator behind "keyBy-1": rule ")", at 1:1: ',
  ],
  [
    "an aggregate",
    (p) =>
      keyed(p)
        .window(tumbling(hours(1)), { id: "hourly" })
        .aggregate({ q: quantile(2, "at") }),
    'PLAN_OPTION pipeline "p", in the operator behind "keyBy-1": quantile(2): the rank must lie between',
  ],
  [
    "a rule before all operators",
    () => rule(")"),
    'PLAN_RULE pipeline "p", before its first operator: rule ")"',
  ],
  [
    "a flow of another pipeline, which says its place itself",
    (p) => {
      let other: ReturnType<typeof keyed> | undefined;
      pipeline("other", (q) => {
        other = keyed(q);
      });
      return other && keyed(p).union(other);
    },
    'PLAN_OTHER_PIPELINE pipeline "p": a flow that',
  ],
])("%s is refused with its place in the pipeline", (_, make, says) => {
  try {
    pipeline("p", (p) => void make(p));
    expect.unreachable();
  } catch (thrown) {
    const { code, message, next } = thrown as { code: string; message: string; next: string };
    expect(`${code} ${message}`.slice(0, says.length)).toBe(says);
    expect(next).toBe("refused");
  }
});

test("what the user's own code throws stays what it is", () => {
  const own = new RangeError("mine");
  expect(() =>
    pipeline("p", () => {
      throw own;
    }),
  ).toThrow(own);
});
