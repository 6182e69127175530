import { resolve } from "node:path";
import type { Cloud } from "../../local/cloud.ts";
import { Job, type JobResult } from "../../local/dev/job.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { milliseconds } from "../../shared/time/time.ts";
import { EXIT } from "../exit-codes.ts";
import { loadApplication, SHIPPED } from "../load-application.ts";
import { jobSummary } from "../summary.ts";
import type { Terminal } from "../terminal.ts";
import { invitation } from "./invitation.ts";
import { LiveView } from "./live-view.ts";
import { tailLogs } from "./log-tail.ts";
import type { DevOptions } from "./options.ts";

/**
 * Feeds a sample to the shipped pipelines and shows what comes of it. Sets the exit code where something was lost.
 * @returns whether to go on serving
 * @throws MillraceError of whatever did not work; the signal's reason once it fires
 */
export async function sampleJob(
  cloud: Cloud,
  options: DevOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  const { sample = "flights", once, keep, limit, rate, chaosKill, seed, json, logs = "errors" } = options;
  const job = new Job(cloud, {
    application: await loadApplication(SHIPPED),
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
  if (job.progress().commits > 0) {
    terminal.say(`${sample} was fed before and its results were kept: nothing is fed`);
    return true;
  }
  terminal.say(`feeding ${sample} to ${cloud.apiUrl(`/v1/streams/${sample}/events`)}`);
  const view = new LiveView(() => job.progress(), terminal, systemClock);
  const stopTail = tailLogs(cloud, logs, terminal.colors.err, (text) => view.say(text));
  const result = await job.run().finally(() => {
    stopTail();
    view.stop();
  });
  terminal.data(json ? JSON.stringify(result) : jobSummary(result));
  if (isIncomplete(result)) process.exitCode = EXIT.incomplete;
  const serves = !once || keep === true;
  if (serves) terminal.say(invitation(cloud, job.scope, result.output));
  return serves;
}

/** A job is complete where every event was accepted and came through. */
const isIncomplete = ({ input, accepted, lost, failed }: JobResult): boolean =>
  accepted !== input || lost > 0 || failed > 0;
