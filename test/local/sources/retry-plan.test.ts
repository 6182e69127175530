import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { readBatchResponse } from "../../../local/sources/batch-response.ts";
import { planRetry } from "../../../local/sources/retry-plan.ts";

const anyRules = fc.record({
  maximumRetryAttempts: fc.constantFrom(-1, 0, 1, 5),
  bisectOnError: fc.boolean(),
});
const anyBatch = fc.record({
  records: fc.integer({ min: 1, max: 20 }).map((count) => Array.from({ length: count }, (_, index) => index)),
  failures: fc.nat(5),
  invocations: fc.nat(10),
});

describe("a retry plan", () => {
  test.prop([anyBatch, fc.nat(20), anyRules])(
    "keeps every record behind the checkpoint, in order, either to be tried again or discarded",
    (batch, from, rules) => {
      const upTo = Math.min(from, batch.records.length);
      const { again, discarded } = planRetry(batch, upTo, rules);
      const kept = [...again, ...(discarded === undefined ? [] : [discarded])].flatMap(
        ({ records }) => records,
      );
      expect(kept).toEqual(batch.records.slice(upTo));
      expect(again.every(({ records }) => records.length > 0)).toBe(true);
      if (rules.maximumRetryAttempts < 0) expect(discarded).toBeUndefined();
    },
  );

  test.prop([anyBatch, anyRules])(
    "ends: each failure spends a retry or makes the batch smaller",
    (batch, rules) => {
      for (const next of planRetry(batch, 0, rules).again)
        expect(next.failures > batch.failures || next.records.length < batch.records.length).toBe(true);
    },
  );
});

describe("a batch response", () => {
  const ids = ["1", "2", "3"];
  const read = (answer: unknown) => readBatchResponse(new TextEncoder().encode(JSON.stringify(answer)), ids);
  const failing = (...itemIdentifier: unknown[]) => ({
    batchItemFailures: itemIdentifier.map((id) => ({ itemIdentifier: id })),
  });

  test.each([[null], [{}], [{ batchItemFailures: [] }], [{ batchItemFailures: null }], ["text"]])(
    "of %j is a success",
    (answer) => {
      expect(read(answer)).toEqual({ upTo: 3, failed: new Set() });
    },
  );

  test.each([
    [failing("")],
    [failing(null)],
    [{ batchItemFailures: [{ id: "1" }] }],
    [failing("1", "other")],
    [{ batchItemFailures: "1" }],
  ])("of %j fails the whole batch", (answer) => {
    expect(read(answer)).toEqual({ upTo: 0, failed: undefined });
  });

  test("takes the records before the first failed one, whatever the order of the report", () => {
    expect(read(failing("3", "2"))).toEqual({ upTo: 1, failed: new Set(["2", "3"]) });
  });

  test("that is no JSON fails the whole batch", () => {
    expect(readBatchResponse(new TextEncoder().encode("{"), ids).failed).toBeUndefined();
  });
});
