import type { Compression } from "../../../shared/frames/compression.ts";
import { decodeFrame } from "../../../shared/frames/decode.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import { decodeEntry } from "../../../shared/protocol/entry.ts";
import type { Environment } from "../../../shared/protocol/environment.ts";
import type { PartitionId } from "../../../shared/protocol/ports.ts";
import type { Services } from "../services.ts";

/** What holds for every stage of every application, once all was taken: one sentence for each that does not. */
export async function brokenInvariants(
  stages: readonly Stage[],
  services: Services,
  env: Environment,
): Promise<string[]> {
  const broken: string[] = [];
  for (const stage of stages) {
    for (let partition = 0; partition < stage.partitions; partition += 1)
      broken.push(...(await ofLog({ stage: stage.id, partition, epoch: 0 }, env)));
    if (stage.input.kind === "internal") broken.push(...ofFrames(stage.id, services, env.compression));
  }
  return broken;
}

/** Versions are dense, each says that the one before was published, and positions and watermark never go back. */
async function ofLog(id: PartitionId, env: Environment): Promise<string[]> {
  const broken: string[] = [];
  const items = await env.log.readAfter(id, 0);
  const first = items[0]?.v ?? 1;
  const saved = (await env.log.snapshot(id))?.v ?? 0;
  if (first > saved + 1) broken.push(`entry ${saved + 1} is missing after the snapshot`);
  const nonces = new Set<string>();
  const positions = new Map<string, bigint>();
  const counters = new Map<string, number>();
  let watermark = Number.NEGATIVE_INFINITY;
  for (const [i, item] of items.entries()) {
    const entry = decodeEntry(item.body, env.compression);
    if (item.v !== first + i) broken.push(`entry ${item.v} stands where ${first + i} should`);
    if (item.published !== item.v - 1)
      broken.push(`entry ${item.v} was put before ${item.v - 1} was published`);
    if (nonces.has(item.nonce)) broken.push(`entry ${item.v} has the nonce of another`);
    nonces.add(item.nonce);
    if (item.watermark < watermark) broken.push(`entry ${item.v} takes the watermark back`);
    watermark = item.watermark;
    for (const [source, at] of entry.positions) {
      if (BigInt(at) < (positions.get(source) ?? 0n)) broken.push(`entry ${item.v} takes ${source} back`);
      positions.set(source, BigInt(at));
    }
    for (const [stage, to, counter] of entry.frames) {
      const channel = `${stage}/${to}`;
      const last = counters.get(channel);
      if (last !== undefined && counter !== last + 1)
        broken.push(`entry ${item.v} gives ${channel} number ${counter}`);
      counters.set(channel, counter);
    }
  }
  return broken.map((sentence) => `log of stage "${id.stage}", partition ${id.partition}: ${sentence}`);
}

/** On each channel frames come first in the order of their counters, without a gap, and repeats are the same bytes. */
function ofFrames(stream: string, { kinesis }: Services, compression: Compression): string[] {
  const broken: string[] = [];
  const channels = new Map<string, Uint8Array[]>();
  for (const { ShardId } of kinesis.listShards({ StreamName: stream }).Shards)
    for (const { Data } of kinesis.read(stream, ShardId, undefined, 1_000_000, 1e15).records) {
      const frame = decodeFrame(Data, compression);
      if (frame?.kind !== "rows") continue;
      const channel = `${frame.stage}/${frame.from} to ${frame.to}`;
      const seen = channels.get(channel) ?? [];
      channels.set(channel, seen);
      const before = seen[frame.counter - 1];
      if (before === undefined && frame.counter !== seen.length + 1)
        broken.push(`${channel}: frame ${frame.counter} comes after frame ${seen.length}`);
      if (before !== undefined && !sameBytes(before, Data))
        broken.push(`${channel}: frame ${frame.counter} comes with two contents`);
      seen[frame.counter - 1] ??= Data;
    }
  return broken.map((sentence) => `stream "${stream}": ${sentence}`);
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
