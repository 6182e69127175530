import type { Stage } from "../../../../shared/operators/stage.ts";
import { isOpening } from "../../../../shared/protocol/savepoint/saved-log.ts";
import type { World } from "../world.ts";

/** Versions are dense, each says that the one before was published, and positions and watermark never go back. */
export async function wrongInLogs(world: World): Promise<string[]> {
  const broken: string[] = [...world.ledger.doubles];
  for (const stage of world.planned.stages.values())
    for (let partition = 0; partition < stage.partitions; partition += 1)
      for (const sentence of [
        ...ofEntries(world, stage, partition),
        ...(await ofWhatIsLeft(world, stage, partition)),
      ])
        broken.push(`log of stage "${stage.id}", partition ${partition}: ${sentence}`);
  return broken;
}

function ofEntries({ ledger }: World, stage: Stage, partition: number): string[] {
  const broken: string[] = [];
  const nonces = new Set<string>();
  const positions = new Map<string, bigint>();
  const counters = new Map<string, number>();
  let watermark = Number.NEGATIVE_INFINITY;
  for (const [i, item] of ledger.entries(stage.id, partition).entries()) {
    if (item.v !== i + 1) broken.push(`entry ${item.v} stands where ${i + 1} should`);
    if (item.published !== item.v - 1)
      broken.push(`entry ${item.v} was put before ${item.v - 1} was published`);
    if (nonces.has(item.nonce)) broken.push(`entry ${item.v} has the nonce of another`);
    nonces.add(item.nonce);
    if (item.watermark < watermark) broken.push(`entry ${item.v} takes the watermark back`);
    watermark = item.watermark;
    for (const [source, at] of item.entry.positions) {
      if (BigInt(at) < (positions.get(source) ?? 0n)) broken.push(`entry ${item.v} takes ${source} back`);
      positions.set(source, BigInt(at));
    }
    if (isOpening(item)) continue;
    for (const [to, , counter] of item.entry.frames.map(([id, n, c]) => [`${id}/${n}`, n, c] as const)) {
      const last = counters.get(to);
      if (last !== undefined && counter !== last + 1)
        broken.push(`entry ${item.v} gives ${to} number ${counter}`);
      counters.set(to, counter);
    }
  }
  return broken;
}

/** The table holds the newest entries, without a hole, back to the newest snapshot at least. */
async function ofWhatIsLeft(
  { ledger, plain, epoch }: World,
  stage: Stage,
  partition: number,
): Promise<string[]> {
  const id = { stage: stage.id, partition, epoch };
  const all = ledger.log(stage.id, partition);
  const left = await plain.log.readAfter(id, 0);
  const saved = (await plain.log.snapshot(id))?.v ?? 0;
  const broken: string[] = [];
  if (all.length - left.length > saved) broken.push(`entry ${saved + 1} is missing after the snapshot`);
  const newest = all.slice(all.length - left.length);
  for (const [i, { v, nonce }] of left.entries())
    if (newest[i]?.v !== v || newest[i]?.nonce !== nonce)
      broken.push(`entry ${v} is not the one that was put`);
  return broken;
}
