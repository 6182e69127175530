import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Stage } from "../../shared/operators/stage.ts";
import type { StateSizes } from "../../shared/protocol/environment.ts";
import type { LogItem } from "../../shared/protocol/ports.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { decodeSnapshot } from "../../shared/protocol/snapshot.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { anyInternalInputs, anySourceInputs } from "../operators/inputs.ts";
import type { Input } from "../operators/runner.ts";
import { isInternal, shapes } from "../operators/shapes.ts";
import type { InMemory } from "./in-memory.ts";
import { none, recording, recordsOf } from "./records.ts";

const said = ({ entries }: { readonly entries: readonly LogItem[] }): unknown[] =>
  entries.map(({ v, body, watermark, nextProcessingTimer, owes }) => [
    v,
    new TextDecoder().decode(body),
    watermark,
    nextProcessingTimer,
    owes,
  ]);

type Step = {
  readonly size: number;
  /** Who takes the batch: a warm environment, or a new one where there is no such. */
  readonly loop: number;
  /** Whether another takes it at the same time. */
  readonly raced: boolean;
};

const anySteps = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 9 }), loop: fc.nat({ max: 3 }), raced: fc.boolean() }),
  { minLength: 1, maxLength: 14 },
);
const anySizes = fc.record({
  pageChars: fc.constantFrom(1, 120, 1_000),
  eagerBytes: fc.constantFrom(0, 0, 0, 1_000_000),
  residentChars: fc.constantFrom(0, 300, 1_000_000),
});
const anyInterval = fc.integer({ min: 1, max: 4 });

/** Deletes what no snapshot has needed since the step before last. */
function cleaner({ refs, objects }: InMemory): () => void {
  let neededBefore = new Set<string>();
  return () => {
    const needed = new Set<string>();
    for (const { key } of refs.values()) {
      needed.add(key);
      const snapshot = decodeSnapshot(key, objects.get(key) ?? new Uint8Array(), none);
      for (const object of snapshot.objects.keys()) needed.add(object);
    }
    for (const key of objects.keys()) if (!needed.has(key) && !neededBefore.has(key)) objects.delete(key);
    neededBefore = needed;
  };
}

async function run(
  stage: Stage,
  records: readonly InRecord[],
  steps: readonly Step[],
  env: InMemory,
  loops: readonly StageLoop[],
): Promise<void> {
  const clean = cleaner(env);
  for (let from = 0, nth = 0; from < records.length; nth += 1) {
    const { size, loop, raced } = steps[nth % steps.length] as Step;
    const batch = records.slice(from, from + size);
    const taker = loops[loop % (loops.length + 1)] ?? new StageLoop(stage, env);
    const other = loops.find((one) => one !== taker);
    const outcomes = await Promise.all([
      taker.run(batch),
      ...(raced && other !== undefined ? [other.run(batch)] : []),
    ]);
    for (const { causes } of outcomes) expect(causes).toEqual([]);
    clean();
    from += size;
  }
}

/** Many keys, each seldom: most of what a batch needs was not needed by the one before. */
const anyLongInputs: fc.Arbitrary<Input[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(..."abcdefghijkl"),
      step: fc.integer({ min: 0, max: 4 }),
      behind: fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 30 })),
      n: fc.integer({ min: 0, max: 40 }),
    }),
    { minLength: 60, maxLength: 140 },
  )
  .map((steps) => {
    let now = -60;
    return steps.map(({ k, step, behind, n }, i): Input => {
      now += step;
      return { kind: "event", event: { id: `e${i}`, k, t: now - behind, n } };
    });
  });
const anyShortSteps = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 4 }),
    loop: fc.constantFrom(0, 0, 0, 1, 1, 1, 2),
    raced: fc.constantFrom(false, false, true),
  }),
  { minLength: 20, maxLength: 40 },
);

describe.each(Object.entries(shapes))("%s", (_, stage) => {
  const anyInputs: fc.Arbitrary<Input[]> = isInternal(stage) ? anyInternalInputs : anySourceInputs;

  test.prop([anyInputs, anySteps, anySizes, anyInterval], { numRuns: 30 })(
    "writes the same entries whether state stayed in memory, or came and went in pages",
    async (inputs, steps, state: StateSizes, snapshotEntries) => {
      const records = recordsOf(stage, inputs);
      const warm = recording({});
      await run(stage, records, steps, warm, [new StageLoop(stage, warm)]);
      const paged = recording({ state, snapshotEntries });
      const loops = [new StageLoop(stage, paged), new StageLoop(stage, paged)];
      await run(stage, records, steps, paged, loops);
      expect(said(paged)).toEqual(said(warm));
    },
  );

  if (isInternal(stage)) return;
  test.prop([anyLongInputs, anyShortSteps, anySizes, anyInterval], { numRuns: 4 })(
    "and so with many keys, and pages that come, go and are followed for long",
    async (inputs, steps, state: StateSizes, snapshotEntries) => {
      const records = recordsOf(stage, inputs);
      const warm = recording({});
      await run(stage, records, steps, warm, [new StageLoop(stage, warm)]);
      const paged = recording({ state, snapshotEntries });
      await run(stage, records, steps, paged, [new StageLoop(stage, paged), new StageLoop(stage, paged)]);
      expect(said(paged)).toEqual(said(warm));
    },
  );
});
