import { MillraceError } from "../../../shared/errors/millrace-error.ts";
import { hashKeyOf } from "../../../shared/frames/partitioner.ts";
import type { OutRecord, Streams } from "../../../shared/protocol/ports.ts";
import type { PutRecordsOutput } from "../../models/kinesis/kinesis-api.ts";
import { call, type Gate } from "../gate.ts";
import type { Services } from "../services.ts";

/** Kinesis' limits of one call are 500 records and 5 MB with their keys. */
const RECORDS_PER_CALL = 500;
const BYTES_PER_CALL = 4_500_000;
/** Calls without a record placed, before the caller is told. */
const FRUITLESS_CALLS = 5;

/**
 * Publishes to the Kinesis model, each partition in order: PutRecords may place some records and refuse others, so
 * that a call takes at most one of each partition.
 */
export function simulatedStreams({ kinesis }: Services, gate: Gate): Streams {
  async function put(stream: string, records: readonly OutRecord[]): Promise<PutRecordsOutput> {
    return call(
      gate,
      "kinesis",
      "PutRecords",
      () =>
        kinesis.putRecords({
          StreamName: stream,
          Records: records.map(({ partition, partitions, data }) => ({
            Data: data,
            PartitionKey: `p${partition}`,
            ExplicitHashKey: hashKeyOf(partition, partitions),
          })),
        }),
      records.length,
    );
  }

  return {
    async publish(stream, records) {
      let left = records;
      for (let fruitless = 0; left.length > 0; ) {
        const batch = nextCall(left);
        const { Records } = await put(stream, batch);
        const placed = new Set(batch.filter((_, i) => "SequenceNumber" in (Records[i] ?? {})));
        left = left.filter((record) => !placed.has(record));
        fruitless = placed.size > 0 ? 0 : fruitless + 1;
        if (fruitless === FRUITLESS_CALLS)
          throw new MillraceError(
            "PUBLISH_FAILED",
            `stream "${stream}" took no record in ${fruitless} calls`,
            {
              next: "retried",
            },
          );
      }
    },
  };
}

/** The first record of each partition, as many as one call takes. */
function nextCall(records: readonly OutRecord[]): OutRecord[] {
  const batch = new Map<number, OutRecord>();
  let bytes = 0;
  for (const record of records) {
    if (batch.has(record.partition)) continue;
    bytes += record.data.length;
    if (batch.size === RECORDS_PER_CALL || (batch.size > 0 && bytes > BYTES_PER_CALL)) break;
    batch.set(record.partition, record);
  }
  return [...batch.values()];
}
