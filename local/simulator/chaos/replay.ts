import type { Planned } from "../../../shared/plan/planner.ts";
import { decodeRecord } from "../../../shared/protocol/decode-record.ts";
import type { Environment } from "../../../shared/protocol/environment.ts";
import { Partition } from "../../../shared/protocol/partition.ts";
import type { LogItem, PartitionId } from "../../../shared/protocol/ports.ts";
import type { InRecord } from "../../../shared/protocol/record.ts";

export type Replay = {
  readonly planned: Planned;
  /** The log that is judged. */
  readonly env: Environment;
  /** Something like it that is empty. */
  readonly fresh: Environment;
  /** By the nonce of an entry: the batch that it was made of. */
  readonly batches: ReadonlyMap<string, readonly InRecord[]>;
};

/**
 * Gives one environment, which nothing befalls, the batches that the log was made of, and says where it writes
 * another entry than there is: a cold start, a batch taken back or a snapshot has then changed what came of it.
 */
export async function differencesInReplay({ planned, env, fresh, batches }: Replay): Promise<string[]> {
  const differences: string[] = [];
  for (const stage of planned.stages.values())
    for (let partition = 0; partition < stage.partitions; partition += 1) {
      const id: PartitionId = { stage: stage.id, partition, epoch: 0 };
      const items = await env.log.readAfter(id, 0);
      // what was deleted cannot be compared
      if (items[0]?.v !== 1) continue;
      const replica = new Partition(stage, id, fresh);
      for (const { nonce } of items) {
        const pieces = await Promise.all(
          (batches.get(nonce) ?? []).map((record) => decodeRecord(stage, record, env.compression)),
        );
        await replica.process(pieces.flat().filter((piece) => piece.partition === partition));
      }
      const at = firstDifference(items, await fresh.log.readAfter(id, 0));
      if (at !== undefined)
        differences.push(`stage "${stage.id}", partition ${partition}: entry ${at} replays as another`);
    }
  return differences;
}

function firstDifference(items: readonly LogItem[], replayed: readonly LogItem[]): number | undefined {
  const at = items.findIndex(({ body }, i) => {
    const other = replayed[i]?.body;
    return other === undefined || Buffer.compare(body, other) !== 0;
  });
  if (at !== -1) return at + 1;
  return replayed.length > items.length ? items.length + 1 : undefined;
}
