import { zstd } from "../../functions/aws/zstd.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { hashKeyOf } from "../../shared/frames/partitioner.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";

/**
 * Says in each partition of a stream that nothing follows: a control record, which goes through the log like
 * any input. Whoever calls it has seen all events acknowledged.
 */
export function endInput(
  kinesis: Pick<KinesisModel, "putRecord">,
  stream: { readonly id: string; readonly name: string; readonly partitions: number },
  clock: Clock,
): void {
  for (let partition = 0; partition < stream.partitions; partition++)
    kinesis.putRecord({
      StreamName: stream.name,
      PartitionKey: `p${partition}`,
      ExplicitHashKey: hashKeyOf(partition, stream.partitions),
      Data: encodeFrame({ kind: "end", stream: stream.id, partition, sentAt: clock.now() }, zstd),
    });
}
