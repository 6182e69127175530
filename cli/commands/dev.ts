import { mkdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { Job, type JobResult } from "../../local/dev/job.ts";
import { SAMPLE_NAMES, type SampleName } from "../../local/dev/samples.ts";
import { synthesize } from "../../local/dev/synthesize.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { milliseconds, seconds } from "../../shared/time/time.ts";
import { wholeNumber } from "../arguments.ts";
import { EXIT } from "../exit-codes.ts";
import { invitation } from "../invitation.ts";
import { LiveView } from "../live-view.ts";
import { loadApplication } from "../load-application.ts";
import { jobSummary } from "../summary.ts";
import type { Terminal } from "../terminal.ts";

type Options = {
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

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WORK = join(ROOT, ".millrace");

/** `millrace dev` */
export const devCommand = (terminal: Terminal): Command =>
  new Command("dev")
    .description("run the shipped pipelines in a local cloud and feed them a sample over HTTP")
    .addOption(new Option("--sample <name>", "what is fed").choices(SAMPLE_NAMES).default("flights"))
    .option("--once", "end the input with the sample, so that every window closes; then exit")
    .option("--keep", "with --once: go on serving until Ctrl-C")
    .option("--json", "the result as one JSON object")
    .option("--limit <n>", "only the first n events", wholeNumber(1))
    .option("--rate <n>", "at most n events a second", wholeNumber(1))
    .option("--output <dir>", "where the sinks are copied to", relative(process.cwd(), join(WORK, "output")))
    .option("--host <address>", "where the local cloud listens", "127.0.0.1")
    .option("--port <n>", "0 takes any free port", wholeNumber(0, 65_535), 0)
    .option("--chaos-kill <ms>", "kill -9 a random Lambda process every so often", wholeNumber(1))
    .option("--reshard", "split and merge the stream's shards meanwhile")
    .option("--seed <n>", "of the faults", wholeNumber(0), 1)
    .action((options: Options) => dev(options, terminal));

async function dev(options: Options, terminal: Terminal): Promise<void> {
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

async function start({ host, port, output }: Options, { say }: Terminal): Promise<Cloud> {
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
  options: Options,
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
