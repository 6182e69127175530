import { type fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Stage } from "../../shared/operators/stage.ts";
import { anyCuts, anyInternalInputs, anySourceInputs, type Cut } from "./inputs.ts";
import { type Given, type Input, Runner } from "./runner.ts";
import { isInternal, shapes } from "./shapes.ts";

/** What each batch gave and the state at the end, had nothing gone wrong. */
function undisturbed(stage: Stage, inputs: readonly Input[], cuts: readonly Cut[]): [Given[], unknown] {
  const runner = new Runner(stage);
  const given = batchesOf(inputs, cuts).map(({ batch, from }) => runner.batch(batch, from));
  return [given, runner.state];
}

/** The same with batches that lose their race, recoveries from the entries so far and from snapshots. */
function disturbed(stage: Stage, inputs: readonly Input[], cuts: readonly Cut[]): [Given[], unknown] {
  const runner = new Runner(stage);
  const given: Given[] = [];
  for (const { batch, from, cut } of batchesOf(inputs, cuts)) {
    if (cut.before === "recover") runner.recover(given);
    if (cut.before === "restore") runner.restore();
    for (const length of cut.lost) {
      runner.seal(inputs.slice(from, from + length), from);
      runner.fold.rollback();
    }
    given.push(runner.batch(batch, from));
  }
  return [given, runner.state];
}

function batchesOf(inputs: readonly Input[], cuts: readonly Cut[]) {
  const batches: { batch: readonly Input[]; from: number; cut: Cut }[] = [];
  for (let from = 0, nth = 0; from < inputs.length; nth += 1) {
    const cut = cuts[nth % cuts.length] as Cut;
    batches.push({ batch: inputs.slice(from, from + cut.size), from, cut });
    from += cut.size;
  }
  return batches;
}

/** All outputs in order, whatever batch they came in. */
function joined(given: readonly Given[]): unknown {
  const feeds = new Map<string, unknown[]>();
  const failed: unknown[] = [];
  for (const { outputs } of given) {
    const { feeds: some, failed: more } = outputs as { feeds: [string, unknown[]][]; failed: unknown[] };
    for (const [operator, rows] of some) feeds.set(operator, [...(feeds.get(operator) ?? []), ...rows]);
    failed.push(...more);
  }
  return { feeds: [...feeds].sort(([a], [b]) => (a < b ? -1 : 1)), failed };
}

const one: Cut = { size: 1, lost: [], before: "nothing" };

describe.each(Object.entries(shapes))("%s", (_, stage) => {
  const anyInputs: fc.Arbitrary<Input[]> = isInternal(stage) ? anyInternalInputs : anySourceInputs;

  test.prop([anyInputs, anyCuts], { numRuns: 150 })(
    "gives the same per batch whatever batches were lost and wherever it recovered",
    (inputs, cuts) => {
      expect(disturbed(stage, inputs, cuts)).toStrictEqual(undisturbed(stage, inputs, cuts));
    },
  );

  test.prop([anyInputs, anyCuts], { numRuns: 100 })(
    "gives the same in all however its input is cut into batches",
    (inputs, cuts) => {
      const [single] = undisturbed(stage, inputs, [one]);
      const [cut] = undisturbed(stage, inputs, cuts);
      expect(joined(cut)).toStrictEqual(joined(single));
    },
  );
});
