import { setTimeout as sleep } from "node:timers/promises";
import { zstd } from "../../functions/aws/zstd.ts";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { deploymentOf } from "../../local/dev/deployment.ts";
import type { Item } from "../../local/models/dynamodb/attribute-value.ts";
import type { Application } from "../../shared/pipeline/application.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { decodeEntry } from "../../shared/protocol/entry.ts";
import { busySite } from "../local-cloud/busy-site.ts";
import { deployedOnePipeline } from "../local-cloud/job.ts";

/** Events a second, posted ten times a second. */
const RATE = 500;
const LOOK_MS = 10;

type Pause = {
  /** From the call to the first commit of a partition whose records came through a new shard, the last of them. */
  readonly firstCommitMs: number;
  /** The longest time without a commit of a partition around the call. */
  readonly longestGapMs: number;
};

export type ReshardRun = {
  /** The longest time without a commit while nothing was changed. */
  readonly steadyGapMs: number;
  readonly split: Pause;
  readonly merge: Pause;
};

type Commit = { readonly partition: number; readonly at: number; readonly shards: readonly string[] };

/** Splits the shards of the source stream in two and merges them again, under a steady load, in the local cloud. */
export async function reshardUnderLoad(seconds: number): Promise<ReshardRun> {
  const { app, templateDir } = await deployedOnePipeline();
  const cloud = await startCloud({ templateDir });
  const stream = app.streams[0]?.id ?? "";
  const commits: Commit[] = [];
  const ending = new AbortController();
  const load = steadyLoad(cloud, stream, ending.signal);
  const watch = watchCommits(cloud, app, stream, commits, ending.signal);
  try {
    const name = deploymentOf(cloud).streamName(stream);
    await sleep(6_000); // functions start cold
    const steadyFrom = performance.now();
    await sleep(seconds * 1_000);
    const steadyGapMs = longestGap(commits, steadyFrom, performance.now());
    const shards = cloud.kinesis.listShards({ StreamName: name }).Shards.length;
    const change = async (target: number): Promise<Pause> => {
      const known = new Set(cloud.kinesis.listShards({ StreamName: name }).Shards.map((one) => one.ShardId));
      const at = performance.now();
      cloud.kinesis.updateShardCount({
        StreamName: name,
        TargetShardCount: target,
        ScalingType: "UNIFORM_SCALING",
      });
      await sleep(seconds * 1_000);
      return {
        firstCommitMs: firstCommit(commits, at, known) - at,
        longestGapMs: longestGap(commits, at, performance.now()),
      };
    };
    return { steadyGapMs, split: await change(shards * 2), merge: await change(shards) };
  } finally {
    ending.abort();
    await Promise.all([load, watch]);
    await cloud.close();
  }
}

async function steadyLoad(cloud: Cloud, stream: string, signal: AbortSignal): Promise<void> {
  const events = await busySite(RATE * 200);
  const size = RATE / 10;
  for (let at = 0; !signal.aborted && at < events.length; at += size) {
    const body = events
      .slice(at, at + size)
      .map((event) => JSON.stringify(event))
      .join("\n");
    await fetch(cloud.apiUrl(`/v1/streams/${stream}/events`), {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body,
    });
    await sleep(100);
  }
}

/** Looks at the log of the first stage's partitions as they grow. */
async function watchCommits(
  cloud: Cloud,
  app: Application,
  stream: string,
  commits: Commit[],
  signal: AbortSignal,
): Promise<void> {
  const { logTable, bucket } = deploymentOf(cloud);
  const stage = [...planApplication(app).stages.values()].find(
    ({ input }) => input.kind === "source" && input.stream === stream,
  );
  if (stage === undefined) throw new Error("no stage reads the stream");
  const seen = new Map<number, number>();
  while (!signal.aborted) {
    for (let partition = 0; partition < stage.partitions; partition += 1) {
      const { Items = [] } = cloud.dynamodb.query({
        TableName: logTable,
        KeyConditionExpression: "pk = :pk AND v > :v",
        ExpressionAttributeValues: {
          ":pk": { S: `${stage.id}#${partition}#0` },
          ":v": { N: String(seen.get(partition) ?? 0) },
        },
      });
      for (const item of Items) {
        const v = item["v"];
        if (v !== undefined && "N" in v) seen.set(partition, Number(v.N));
        commits.push({ partition, at: performance.now(), shards: shardsOf(cloud, bucket, item) });
      }
    }
    await sleep(LOOK_MS);
  }
}

function longestGap(commits: readonly Commit[], from: number, to: number): number {
  const last = new Map<number, number>();
  let longest = 0;
  for (const { partition, at } of commits) {
    const before = last.get(partition);
    last.set(partition, at);
    if (before !== undefined && at >= from && before <= to) longest = Math.max(longest, at - before);
  }
  return longest;
}

function firstCommit(commits: readonly Commit[], at: number, known: ReadonlySet<string>): number {
  const firsts = new Map<number, number>();
  for (const { partition, at: then, shards } of commits)
    if (then > at && !firsts.has(partition) && shards.some((shard) => !known.has(shard)))
      firsts.set(partition, then);
  return Math.max(...firsts.values());
}

/** The shards that an entry has read from, by the positions it holds. */
function shardsOf(cloud: Cloud, bucket: string, item: Item): string[] {
  const { body, bodyKey } = item;
  const bytes =
    body !== undefined && "B" in body
      ? body.B
      : bodyKey !== undefined && "S" in bodyKey
        ? cloud.s3.getObject({ Bucket: bucket, Key: bodyKey.S }).Body
        : undefined;
  return bytes === undefined ? [] : decodeEntry(bytes, zstd).positions.map(([shard]) => shard);
}
