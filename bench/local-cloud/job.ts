import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startCloud } from "../../local/cloud.ts";
import { deploymentOf } from "../../local/dev/deployment.ts";
import { drain } from "../../local/dev/drain.ts";
import { observe } from "../../local/dev/progress.ts";
import { laneOf } from "../../local/dev/samples.ts";
import { scopeOf } from "../../local/dev/scope.ts";
import { synthesize } from "../../local/dev/synthesize.ts";
import { postFeed } from "../../local/feed/post-feed.ts";
import type { FeedProgress } from "../../local/feed/tally.ts";
import { app as samples } from "../../pipelines/index.ts";
import type { Application } from "../../shared/pipeline/application.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { app as onePipeline } from "./one-pipeline.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Clock ticks per second in /proc; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export type JobMeasured = {
  readonly events: number;
  readonly seconds: number;
  /** Of this process: feed, API gateway and the models of all services. */
  readonly cpuSeconds: number;
  /** Of the Lambda processes; NaN where the system does not tell. */
  readonly lambdaCpuSeconds: number;
  readonly commits: number;
  /** Items written, and requests that wrote them. */
  readonly writes: number;
  readonly writeUnits: number;
};

/** What is deployed: an application, and the folder with its templates and bundles. */
export type Deployed = { readonly app: Application; readonly templateDir: string };

/** The samples, as `npm start` deploys them. */
export const deployedSamples = async (): Promise<Deployed> => ({
  app: samples,
  templateDir: await synthesize({ root: ROOT, cache: join(ROOT, ".millrace/templates") }),
});

/** One stream and one pipeline, from a CDK app of their own. */
export async function deployedOnePipeline(): Promise<Deployed> {
  const templateDir = join(ROOT, ".millrace/bench-one-pipeline");
  await promisify(execFile)(process.execPath, [join(ROOT, "bench/local-cloud/stack.ts")], {
    env: { ...process.env, CDK_OUTDIR: templateDir },
  });
  return { app: onePipeline, templateDir };
}

/**
 * Posts events to a local cloud in which an application is deployed, and waits until every stage that they reach has
 * committed them and published what follows.
 */
export async function localCloudJob(
  { app, templateDir }: Deployed,
  stream: string,
  events: readonly object[],
): Promise<JobMeasured> {
  const cloud = await startCloud({ templateDir, limits: "off", batchingWindowMs: 2_000 });
  const deployment = deploymentOf(cloud);
  const scope = scopeOf(planApplication(app).plan, stream);
  const source = app.streams.find(({ id }) => id === stream);
  if (source === undefined) throw new Error(`${app.name} has no stream ${stream}`);
  let feed: FeedProgress = { acknowledged: 0, accepted: 0, rejected: 0, batches: 0, retries: 0 };
  const lambdaBefore = childCpuSeconds();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  try {
    await postFeed({
      url: cloud.apiUrl("/").slice(0, -1),
      stream,
      events,
      lane: laneOf(source),
      onProgress: (progress) => {
        feed = progress;
      },
    });
    const end = await drain({
      look: () => observe(cloud, deployment, scope, events.length, feed),
      sources: cloud.sources,
      done: ({ behind }) => behind === 0,
      clock: systemClock,
      signal: new AbortController().signal,
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    const { user, system } = process.cpuUsage(cpuBefore);
    const { writes, writeUnits } = cloud.dynamodb.stats;
    await cloud.close();
    return {
      events: events.length,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      lambdaCpuSeconds: childCpuSeconds() - lambdaBefore,
      commits: end.commits,
      writes,
      writeUnits,
    };
  } finally {
    await cloud.close();
  }
}

/** CPU time of all processes that this one started and that have ended: fields 16 and 17 of /proc/self/stat. */
function childCpuSeconds(): number {
  if (process.platform !== "linux") return Number.NaN;
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}
