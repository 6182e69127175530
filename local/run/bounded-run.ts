import { existsSync } from "node:fs";
import { join } from "node:path";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { LookupReader } from "../../shared/operators/lookup/answer.ts";
import { type Stage, type StageSource, sinksOf, tablesOf } from "../../shared/operators/stage.ts";
import type { Application } from "../../shared/pipeline/application.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { Batches } from "./batches.ts";
import { type LookupFiles, readLookups } from "./lookup-files.ts";
import { readEvents } from "./read-events.ts";
import { LakeFile, sinkFiles } from "./sink-files.ts";
import { type Sinks, StageRun } from "./stage-run.ts";

export type RunOptions = {
  readonly application: Application;
  /** A file of JSON lines, gzipped or not, per source stream. */
  readonly inputs: ReadonlyMap<string, string>;
  /** A file of JSON lines, gzipped or not, per table that is looked up. @default none */
  readonly lookups?: LookupFiles;
  /** The folder for `<sink>.jsonl` and `failed.jsonl`; made where it is missing. Undefined: rows are only counted. */
  readonly output: string | undefined;
  readonly clock: Clock;
};

export type RunStats = {
  readonly events: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly eventsPerCpuSecond: number;
  readonly late: number;
  /** Events that a lookup dropped for want of a row; absent where nothing is looked up. */
  readonly unmatched?: number;
  /** Events that were refused or on which an operator threw; each is in `failed.jsonl`. */
  readonly failed: number;
  readonly peakRssBytes: number;
  readonly sinks: Readonly<Record<string, number>>;
};

/**
 * Runs an application's pipelines over files, to their end, in this process: the very folds that the
 * deployed stages run, partition by partition, with no log between them.
 * @throws MillraceError `PLAN_…`; `RUN_INPUT` where an input is missing, or names no stream or table; `OPERATOR_HALTED`
 */
export async function runBounded(options: RunOptions): Promise<RunStats> {
  const { plan, stages } = planApplication(options.application);
  const startedAt = options.clock.now();
  const cpu = process.cpuUsage();
  const all = [...stages.values()];
  checkInputs(
    all,
    options.inputs,
    plan.streams.map(({ id }) => id),
  );
  const lookups = await readLookups(all, options.lookups ?? new Map());
  const { output } = options;
  const files = sinkFiles(output, all.flatMap(sinksOf));
  const failed = new LakeFile("failed", output === undefined ? undefined : join(output, "failed.jsonl"));
  const runs = link(all, { ...files, failed }, lookups);
  const batches = new Batches(all.map(({ id }) => runs.get(id) as StageRun));
  let events = 0;
  let refused = 0;
  for (const [stream, path] of options.inputs) {
    const readers = [...runs.values()].filter(
      ({ stage }) => stage.input.kind === "source" && stage.input.stream === stream,
    );
    const source = readers[0]?.stage.input as StageSource;
    const read = await readEvents(stream, path, source, readers, batches, failed);
    events += read.events;
    refused += read.refused;
  }
  const sinks = [...files.views.values(), ...files.lake.values(), failed];
  const rows = Object.fromEntries(sinks.map((sink) => [sink.name, sink.rows()]));
  for (const sink of sinks) sink.close();
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  const counts = [...runs.values()].flatMap((run) => run.counts);
  return {
    events,
    seconds: (options.clock.now() - startedAt) / 1_000,
    cpuSeconds,
    eventsPerCpuSecond: Math.round(events / cpuSeconds),
    late: counts.reduce((n, { late }) => n + late, 0),
    failed: refused + counts.reduce((n, count) => n + count.failed, 0),
    ...(all.some((stage) => tablesOf(stage).length > 0) && {
      unmatched: counts.reduce((n, { unmatched = 0 }) => n + unmatched, 0),
    }),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    sinks: rows,
  };
}

/** Stages come after those that feed them, so they are made last to first. */
function link(stages: readonly Stage[], sinks: Sinks, lookups: LookupReader): Map<string, StageRun> {
  const runs = new Map<string, StageRun>();
  for (const stage of stages.toReversed()) runs.set(stage.id, new StageRun(stage, sinks, runs, lookups));
  return runs;
}

function checkInputs(
  stages: readonly Stage[],
  inputs: ReadonlyMap<string, string>,
  streams: readonly string[],
): void {
  for (const [name, path] of inputs) {
    if (!streams.includes(name))
      throw refusal(`--input ${name}=…: there is no stream "${name}", only ${streams.join(", ")}`);
    if (!existsSync(path)) throw refusal(`--input ${name}=${path}: there is no such file`);
  }
  for (const { input, pipeline } of stages)
    if (input.kind === "source" && !inputs.has(input.stream))
      throw refusal(
        `pipeline "${pipeline}" reads stream "${input.stream}": give it a file with --input ${input.stream}=…`,
      );
}

const refusal = (sentence: string): MillraceError =>
  new MillraceError("RUN_INPUT", sentence, { next: "refused" });
