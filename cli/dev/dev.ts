import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { type Project, projectIn } from "../../local/dev/project.ts";
import { stackNotes } from "../../local/dev/stack-notes.ts";
import { Synthesizer } from "../../local/dev/synth/synthesizer.ts";
import { synthesize } from "../../local/dev/synthesize.ts";
import { EVERYTHING } from "../../local/faults/rules.ts";
import { freePort } from "../../local/http/free-port.ts";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { seconds } from "../../shared/time/time.ts";
import { EXIT } from "../exit-codes.ts";
import { ROOT, WORK } from "../folders.ts";
import type { Terminal } from "../terminal.ts";
import { clientDirections, directions } from "./directions.ts";
import { tailLogs } from "./log-tail.ts";
import { readLookupFiles } from "./lookups.ts";
import { type DevOptions, SAMPLE_OPTIONS } from "./options.ts";
import { Reloading, type ReloadPorts } from "./reload.ts";
import { sampleJob } from "./sample-job.ts";

/**
 * Runs a project in a local cloud until Ctrl-C; the shipped pipelines are fed a sample first. Sets the exit code.
 * @throws MillraceError of whatever did not work
 */
export async function dev(options: DevOptions, terminal: Terminal): Promise<void> {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(INTERRUPTED);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  const project = projectOf(options);
  makeWorkFolder();
  const synthesizer = new Synthesizer(() => project.app(), join(WORK, "synth"));
  let cloud: Cloud | undefined;
  try {
    const templateDir = await firstTemplate(project, synthesizer, terminal, interrupt.signal);
    const fill = await readLookupFiles(project, options.lookup, terminal);
    cloud = await start(project, templateDir, options, terminal);
    fill(cloud);
    const serves = !project.hasSamples || (await sampleJob(cloud, options, terminal, interrupt.signal));
    if (!serves) return;
    const colors = terminal.colors.err;
    terminal.say(
      project.hasSamples
        ? clientDirections(cloud, colors)
        : directions(cloud, stackNotes(templateDir), colors),
    );
    await serve({ cloud, project, synthesizer, terminal, clock: systemClock }, options, interrupt.signal);
  } catch (thrown) {
    if (thrown !== INTERRUPTED) throw thrown;
    process.exitCode = EXIT.interrupted;
  } finally {
    await Promise.all([cloud?.close(), synthesizer.close()]);
  }
}

const INTERRUPTED = new Error("interrupted");

function projectOf(options: DevOptions): Project {
  const asked = SAMPLE_OPTIONS.filter((name) => options[name] !== undefined);
  const project = projectIn({
    folder: process.cwd(),
    packageFolder: ROOT,
    work: WORK,
    pipelines: options.pipelines,
    samples: asked.length > 0,
  });
  const [first] = asked;
  if (first !== undefined && !project.hasSamples)
    throw refused(
      `--${first.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is for the shipped pipelines; this folder has a project of its own`,
    );
  if (options.persist !== undefined && options.once)
    throw refused("--once ends the input for good: there is nothing to keep for another run");
  return project;
}

const refused = (message: string): MillraceError =>
  new MillraceError("CLI_OPTION", message, { next: "refused" });

function makeWorkFolder(): void {
  mkdirSync(WORK, { recursive: true });
  // nothing in it is worth a commit, whatever the project's own rules say
  writeFileSync(join(WORK, ".gitignore"), "*\n");
}

async function firstTemplate(
  project: Project,
  synthesizer: Synthesizer,
  { say }: Terminal,
  signal: AbortSignal,
): Promise<string> {
  if (project.folder === ROOT && project.hasSamples)
    return synthesize({
      root: ROOT,
      cache: join(WORK, "templates"),
      onStart: () => say("synthesizing the template of infra/ (kept until a source changes)"),
    });
  say(`synthesizing ${project.name}`);
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  const { templateDir } = await Promise.race([synthesizer.synthesize(), interrupted]);
  return templateDir;
}

/** A minute, as deployed, would be most of the job. */
const LAKE_WINDOW = seconds(2);

/**
 * A full batch of packed records holds 160,000 events: all of them would be one step of a sample's progress, and
 * one loss where a process is killed. On AWS a reader that keeps up sees batches of a second.
 */
const BATCH_RECORDS = 10;

/** Where stand-ins of AWS are looked for. */
const USUAL_PORT = 4566;

async function start(
  { hasSamples }: Project,
  templateDir: string,
  { host, port, output, chaos, iam, persist }: DevOptions,
  { say }: Terminal,
): Promise<Cloud> {
  mkdirSync(output, { recursive: true });
  const logFile = join(output, "functions.log");
  rmSync(logFile, { force: true });
  try {
    const cloud = await startCloud({
      templateDir,
      host,
      port: port ?? (await freePort(host, hasSamples ? 0 : USUAL_PORT)),
      clock: systemClock,
      logFile,
      limits: "off",
      ...(persist !== undefined && { persist: { folder: resolve(persist), onFailure: notKept(say) } }),
      iam,
      ...(chaos !== undefined && { faults: { seed: chaos, rules: EVERYTHING } }),
      batchingWindowMs: LAKE_WINDOW,
      ...(hasSamples && { batchRecords: BATCH_RECORDS }),
    });
    cloud.iam.onRefusal(({ message }) => say(`refused: ${message}`));
    if (chaos !== undefined)
      say(`chaos of seed ${chaos}: ${cloud.url}/_millrace/faults tells what, and ends it`);
    say(`local cloud at ${cloud.url}, functions log to ${relative(process.cwd(), logFile)}`);
    return cloud;
  } catch (cause) {
    throw isAddressError(cause)
      ? new MillraceError("LOCAL_ADDRESS", messageOf(cause), { next: "refused", cause })
      : cause;
  }
}

/** From then on every change is refused: what comes next is worth less than what there is. */
const notKept =
  (say: Terminal["say"]) =>
  (error: unknown): void =>
    say(
      `PERSIST_FOLDER data cannot be kept any longer, and nothing is changed any more: ${messageOf(error)}`,
    );

const isAddressError = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  "syscall" in thrown &&
  ["listen", "getaddrinfo"].includes(String(thrown.syscall));

async function serve(
  ports: Omit<ReloadPorts, "ignored">,
  { logs, watch, output, persist }: DevOptions,
  signal: AbortSignal,
): Promise<void> {
  const { cloud, project, terminal } = ports;
  const { say, colors } = terminal;
  const stopTail = tailLogs(cloud, logs ?? (project.hasSamples ? "errors" : "all"), colors.err, say);
  const ignored = [output, ...(persist === undefined ? [] : [persist])].map((path) => resolve(path));
  const reloading = watch ? new Reloading({ ...ports, ignored }) : undefined;
  try {
    say(`serving ${cloud.url} until Ctrl-C`);
    await aborted(signal);
  } finally {
    await reloading?.close();
    stopTail();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve: done } = Promise.withResolvers<void>();
  if (signal.aborted) done();
  else signal.addEventListener("abort", () => done(), { once: true });
  return promise;
}
