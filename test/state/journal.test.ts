import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Journal } from "../../shared/state/journal.ts";

const anyBatch = fc.record({
  writes: fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer()), { maxLength: 12 }),
  kept: fc.boolean(),
});

describe("the journal", () => {
  test.prop([fc.array(anyBatch, { maxLength: 10 })])(
    "takes a batch back to the last write, and keeps what was kept",
    (batches) => {
      const journal = new Journal();
      const state = new Map<string, number>();
      const expected = new Map<string, number>();
      for (const { writes, kept } of batches) {
        const { batch } = journal;
        for (const [name, value] of writes) {
          const before = state.get(name);
          journal.note(() => (before === undefined ? state.delete(name) : state.set(name, before)));
          state.set(name, value);
          if (kept) expected.set(name, value);
        }
        if (kept) journal.keep();
        else journal.rollback();
        expect(journal.batch).toBeGreaterThan(batch);
        expect(state).toEqual(expected);
      }
    },
  );
});
