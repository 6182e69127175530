import { mkdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type Cloud, startCloud } from "../local/cloud.ts";
import { Job, type JobResult } from "../local/dev/job.ts";
import type { SampleName } from "../local/dev/sample-names.ts";
import { synthesize } from "../local/dev/synthesize.ts";
import { systemClock } from "../shared/time/clock.ts";
import { milliseconds, seconds } from "../shared/time/time.ts";
import { EXIT } from "./exit-codes.ts";
import { ROOT, WORK } from "./folders.ts";
import { invitation } from "./invitation.ts";
import { LiveView } from "./live-view.ts";
import { loadApplication } from "./load-application.ts";
import { jobSummary } from "./summary.ts";
import type { Terminal } from "./terminal.ts";

/** The options of `millrace dev`, as the command line gives them. */
export type MainJobOptions = {
  readonly sample: SampleName;
  readonly once?: true;
  readonly keep?: true;
  readonly json?: true;
  readonly host: string;
  readonly port: number;
  readonly output: string;
  readonly limit?: number;
  readonly rate?: number;
  readonly chaosKill?: number;
  readonly reshard?: true;
  readonly seed: number;
};

/**
 * The main job: template, local cloud, feed, progress, result; then serves until Ctrl-C. Sets the exit code.
 * @throws MillraceError of whatever did not work
 */
export async function mainJob(options: MainJobOptions, terminal: Terminal): Promise<void> {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(INTERRUPTED);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  let cloud: Cloud | undefined;
  try {
    cloud = await start(options, terminal);
    const result = await work(cloud, options, terminal, interrupt.signal);
    if (isIncomplete(result)) process.exitCode = EXIT.incomplete;
    if (options.once && !options.keep) return;
    terminal.say(`serving ${cloud.url} until Ctrl-C`);
    await aborted(interrupt.signal);
  } catch (thrown) {
    if (thrown !== INTERRUPTED) throw thrown;
    process.exitCode = EXIT.interrupted;
  } finally {
    await cloud?.close();
  }
}

const INTERRUPTED = new Error("interrupted");

async function start({ host, port, output }: MainJobOptions, { say }: Terminal): Promise<Cloud> {
  const templateDir = await synthesize({
    root: ROOT,
    cache: join(WORK, "templates"),
    onStart: () => say("synthesizing the template of infra/ (kept until a source changes)"),
  });
  mkdirSync(output, { recursive: true });
  const logFile = join(output, "functions.log");
  rmSync(logFile, { force: true });
  const cloud = await startCloud({
    templateDir,
    host,
    port,
    clock: systemClock,
    logFile,
    limits: "off",
    batchingWindowMs: LAKE_WINDOW,
    batchRecords: BATCH_RECORDS,
  });
  say(`local cloud at ${cloud.url}, functions log to ${relative(process.cwd(), logFile)}`);
  return cloud;
}

/** A minute, as deployed, would be most of the job. */
const LAKE_WINDOW = seconds(2);

/**
 * A full batch of packed records holds 160,000 events: all of them would be one step of the progress, and one
 * loss where a process is killed. On AWS a reader that keeps up sees batches of a second.
 */
const BATCH_RECORDS = 10;

async function work(
  cloud: Cloud,
  options: MainJobOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<JobResult> {
  const { sample, once, limit, rate, chaosKill, seed, json } = options;
  const job = new Job(cloud, {
    application: await loadApplication(),
    sample,
    ends: once === true,
    output: resolve(options.output),
    clock: systemClock,
    signal,
    limit,
    rate,
    killEvery: chaosKill === undefined ? undefined : milliseconds(chaosKill),
    reshard: options.reshard === true,
    seed,
  });
  terminal.say(`feeding ${sample} to ${cloud.apiUrl(`/v1/streams/${sample}/events`)}`);
  const view = new LiveView(() => job.progress(), terminal, systemClock);
  const result = await job.run().finally(() => view.stop());
  terminal.data(json ? JSON.stringify(result) : jobSummary(result));
  if (!once || options.keep) terminal.say(invitation(cloud, job.scope, result.output));
  return result;
}

/** A job is complete where every event was accepted and came through. */
const isIncomplete = ({ input, accepted, lost, failed }: JobResult): boolean =>
  accepted !== input || lost > 0 || failed > 0;

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve: done } = Promise.withResolvers<void>();
  if (signal.aborted) done();
  else signal.addEventListener("abort", () => done(), { once: true });
  return promise;
}
