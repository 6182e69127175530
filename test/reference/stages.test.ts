import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { comparable } from "../../local/reference/differences.ts";
import { withoutDefinition } from "../../local/reference/known.ts";
import { ReferencePartition } from "../../local/reference/partition.ts";
import { Results } from "../../local/reference/results.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { anyInternalInputs, anySourceInputs } from "../operators/inputs.ts";
import { edgeOf, type Given, type Input, Runner } from "../operators/runner.ts";
import { isInternal, shapes } from "../operators/shapes.ts";

/** What a stage gave: rows by the stage that takes them, failed events without the engine's own words, counts. */
type Gave = { readonly rows: unknown; readonly failed: unknown; readonly counts: unknown };

type Sent = readonly [edge: number, key: unknown, time: number, value: unknown];

const comparableRow = ([edge, key, time, value]: Sent): Sent => [edge, key, time, comparable(value)];

function byEngine(stage: Stage, inputs: readonly Input[], size: number): Gave {
  const runner = new Runner(stage);
  const given: Given[] = [];
  for (let at = 0; at < inputs.length; at += size) given.push(runner.batch(inputs.slice(at, at + size), at));
  const outputs = given.map((one) => one.outputs as { feeds: [string, Sent[]][]; failed: unknown[] });
  const rows: Record<string, unknown[]> = {};
  for (const [id, sent] of outputs.flatMap(({ feeds }) => feeds))
    rows[id] = [...(rows[id] ?? []), ...sent.map(comparableRow)];
  return {
    rows,
    failed: outputs.flatMap(({ failed }) => failed).map(comparable),
    counts: given.at(-1)?.counts ?? {},
  };
}

function byReference(stage: Stage, inputs: readonly Input[]): Gave {
  const results = new Results();
  const rows: Record<string, unknown[]> = {};
  const reference = new ReferencePartition({
    stage,
    results,
    codeVersion: "code-1",
    feed: (spec, { edge, key, time, value }) => {
      rows[spec.stage] = [...(rows[spec.stage] ?? []), comparableRow([edge, key, time, value])];
    },
  });
  for (const [i, input] of inputs.entries()) {
    reference.record(`shard:${i}`, input.kind === "tick" ? input.at : 0);
    if (input.kind === "event") {
      reference.active();
      reference.event(input.event.id, input.event.t, input.event);
    } else if (input.kind === "row")
      reference.row({
        edge: edgeOf(stage, input.row),
        key: input.row.k,
        time: input.row.t,
        value: input.row,
      });
    else if (input.kind === "watermark") reference.promise(input.channel, input.at);
    else if (input.kind === "tick") reference.tick(input.at);
    else reference.advance(Number.POSITIVE_INFINITY);
  }
  const counts = inputs.length === 0 ? {} : reference.counts;
  return { rows, failed: results.failed.map(comparable), counts };
}

const anySize = fc.integer({ min: 1, max: 12 });

const isKnown = (stage: Stage): boolean =>
  withoutDefinition({ stages: new Map([[stage.id, stage]]) }).length === 0;

describe.each(Object.entries(shapes).filter(([, stage]) => isKnown(stage)))("a stage of %s", (_, stage) => {
  test.prop([isInternal(stage) ? anyInternalInputs : anySourceInputs, anySize], { numRuns: 120 })(
    "gives what the reference works out from lists of events",
    (inputs, size) => {
      expect(byEngine(stage, inputs, size)).toEqual(byReference(stage, inputs));
    },
  );
});

test("the reference has a definition of every operator but patterns and what paces", () => {
  const unknown = Object.entries(shapes).filter(([, stage]) => !isKnown(stage));
  for (const [name] of unknown) expect(name).toMatch(/pattern|pace/);
});
