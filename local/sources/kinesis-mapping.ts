import type { DurationMs, EpochMs } from "../../shared/time/time.ts";
import type { StoredRecord } from "../models/kinesis/kinesis-api.ts";
import type { RecordFilter } from "./record-filter.ts";

/** Where a mapping starts to read the shards that exist when it is made. */
export type StartingPosition =
  | { readonly at: "TRIM_HORIZON" | "LATEST" }
  | { readonly at: "AT_TIMESTAMP"; readonly timestamp: EpochMs };

/** An AWS::Lambda::EventSourceMapping of a Kinesis stream, with Lambda's names, limits and defaults. */
export type KinesisMapping = {
  /** Names the mapping in the keys of discarded batches. */
  readonly uuid: string;
  readonly streamArn: string;
  readonly functionArn: string;
  /** The ARN of the function's role, with which the mapping reads; events name it. */
  readonly role: string;
  readonly startingPosition: StartingPosition;
  /** Records an invocation, 1 to 10,000. @default 100 */
  readonly batchSize: number;
  /**
   * How long to gather a batch, at most 300 s; with 0 an invocation takes what is there. A window begins where the
   * last one is over, or as the last invocation completes. @default 0
   */
  readonly batchingWindow: DurationMs;
  /** Concurrent batches a shard, 1 to 10; order is kept per partition key. @default 1 */
  readonly parallelizationFactor: number;
  /** -1 retries until the record leaves the stream. @default -1 */
  readonly maximumRetryAttempts: number;
  /** Older records are discarded; undefined keeps trying. @default undefined */
  readonly maximumRecordAge: DurationMs | undefined;
  readonly bisectOnError: boolean;
  /** The lowest sequence number that the function reports becomes the checkpoint. */
  readonly reportBatchItemFailures: boolean;
  /** Records that it lets through; the others are passed over as if they were not there. */
  readonly filter: RecordFilter<StoredRecord>;
  /**
   * Whether a child shard is read only after its parents are finished. AWS promises neither;
   * false shows what a pipeline does when it is the other way round.
   * @default true
   */
  readonly childrenWaitForParents: boolean;
};
