import { comparable } from "../../local/reference/differences.ts";
import { ReferencePartition } from "../../local/reference/partition.ts";
import { Results } from "../../local/reference/results.ts";
import type { Fold } from "../../shared/operators/fold.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { edgeOf, type Given, type Input, Runner, sentAtOf } from "../operators/runner.ts";

/** What a stage gave: rows by the stage that takes them, failed events without the engine's own words, counts. */
type Gave = { readonly rows: unknown; readonly failed: unknown; readonly counts: unknown };

type Sent = readonly [edge: number, key: unknown, time: number, value: unknown];

const comparableRow = ([edge, key, time, value]: Sent): Sent => [edge, key, time, comparable(value)];

/** @param size - of a batch, in inputs */
export const byEngine = (stage: Stage, inputs: readonly Input[], size: number): Gave =>
  foldedByEngine(stage, inputs, size).gave;

/** The same, and the fold as it is in the end. */
export function foldedByEngine(
  stage: Stage,
  inputs: readonly Input[],
  size: number,
): { readonly gave: Gave; readonly fold: Fold } {
  const runner = new Runner(stage);
  const given: Given[] = [];
  for (let at = 0; at < inputs.length; at += size) given.push(runner.batch(inputs.slice(at, at + size), at));
  const outputs = given.map((one) => one.outputs as { feeds: [string, Sent[]][]; failed: unknown[] });
  const rows: Record<string, unknown[]> = {};
  for (const [id, sent] of outputs.flatMap(({ feeds }) => feeds))
    rows[id] = [...(rows[id] ?? []), ...sent.map(comparableRow)];
  const failed = outputs.flatMap((one) => one.failed).map(comparable);
  return { gave: { rows, failed, counts: given.at(-1)?.counts ?? {} }, fold: runner.fold };
}

export function byReference(stage: Stage, inputs: readonly Input[]): Gave {
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
    reference.record(`shard:${i}`, sentAtOf(input));
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
