import { parseArgs } from "node:util";
import { zstd } from "../functions/aws/zstd.ts";
import { simulatedEnvironment } from "../local/simulator/environment.ts";
import { openGate } from "../local/simulator/gate.ts";
import { createServices } from "../local/simulator/services.ts";
import type { Application } from "../shared/index.ts";
import { Fold } from "../shared/operators/fold.ts";
import type { Stage } from "../shared/operators/stage.ts";
import { planApplication } from "../shared/plan/planner.ts";
import { decodeRecord } from "../shared/protocol/decode-record.ts";
import { foldPiece } from "../shared/protocol/fold-piece.ts";
import { StageLoop } from "../shared/protocol/stage-loop.ts";
import { systemClock } from "../shared/time/clock.ts";
import { atLeast, atMost, type Figure, median, print } from "./report.ts";
import { bidsApplication, shuffledApplication } from "./stage-loop/bids.ts";
import { type Batch, bidBatches } from "./stage-loop/records.ts";

export type StageLoopRun = { readonly events: number; readonly rounds: number };

/**
 * Claim: what makes a batch exactly once (positions, log entry, conditional put, publication) costs less than two
 * thirds of what reading and folding it costs. Both start from the records that Kinesis would give; the services are models
 * in memory, so that no network is counted, and one write is made for thousands of events.
 */
export async function stageLoopFigures(run: StageLoopRun): Promise<Figure[]> {
  return [
    ...(await figuresOf("stage loop", bidsApplication, run, 0.6)),
    ...(await figuresOf("before a shuffle", shuffledApplication, run, 0)),
  ];
}

/** Of the first stage of an application. A stage before a shuffle writes every event again: it has no aim. */
async function figuresOf(
  name: string,
  application: Application,
  { events, rounds }: StageLoopRun,
  aim: number,
): Promise<Figure[]> {
  const { plan, stages } = planApplication(application);
  const [stage] = [...stages.values()];
  if (stage === undefined) throw new Error("the application has no stage");
  const batches = bidBatches(events, stage.partitions);
  const total = batches.reduce((sum, batch) => sum + batch.events, 0);
  const loops: number[] = [];
  const folds: number[] = [];
  let writesPerEvent = 0;
  for (let round = 0; round < rounds; round += 1) {
    const services = createServices(plan, systemClock);
    let nonce = 0;
    const env = simulatedEnvironment({
      services,
      gate: openGate,
      clock: systemClock,
      compression: zstd,
      nonce: () => String(++nonce),
    });
    folds.push(total / (await cpuSecondsOf(() => bareFold(stage, batches))));
    loops.push(total / (await cpuSecondsOf(() => loop(new StageLoop(stage, env), batches))));
    writesPerEvent = services.dynamodb.stats.writes / total;
  }
  const commits = batches.length / total;
  return [
    { name: `${name}, decode and fold alone`, value: median(folds), unit: "events/CPU-s" },
    { name, value: median(loops), unit: "events/CPU-s" },
    {
      name,
      value: median(loops.map((speed, i) => speed / (folds[i] ?? 1))),
      unit: "of decode and fold",
      ...(aim > 0 ? { aim: atLeast(aim) } : {}),
    },
    { name: `${name}, commits`, value: commits, unit: "per event", aim: atMost(0.001) },
    { name: `${name}, DynamoDB writes with the view's rows`, value: writesPerEvent, unit: "per event" },
  ];
}

async function cpuSecondsOf(run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** No log, no positions, no publication: what the work itself costs. */
async function bareFold(stage: Stage, batches: readonly Batch[]): Promise<void> {
  const folds = Array.from({ length: stage.partitions }, () => new Fold(stage, { codeVersion: "bench" }));
  for (const { partition, records } of batches) {
    const fold = folds[partition] as Fold;
    for (const record of records)
      for (const piece of await decodeRecord(stage, record, zstd)) foldPiece(fold, piece);
    fold.keep();
  }
}

async function loop(stageLoop: StageLoop, batches: readonly Batch[]): Promise<void> {
  for (const { records } of batches) {
    const { firstFailed, causes } = await stageLoop.run(records);
    if (firstFailed !== undefined) throw causes[0];
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "500000" },
      rounds: { type: "string", default: "5" },
      json: { type: "boolean", default: false },
    },
  });
  print(
    await stageLoopFigures({ events: Number(values.events), rounds: Number(values.rounds) }),
    values.json,
  );
}
