import { ServiceError } from "../service-error.ts";
import type { GetShardIteratorInput } from "./kinesis-api.ts";
import type { ShardLog } from "./shard-log.ts";

/** Where an iterator of the asked kind starts to read a shard. */
export function startingPosition(shard: ShardLog, input: GetShardIteratorInput): number {
  const { ShardIteratorType: type, StartingSequenceNumber: number, Timestamp: at } = input;
  switch (type) {
    case "TRIM_HORIZON":
      return shard.horizon;
    case "LATEST":
      return shard.end;
    case "AT_TIMESTAMP":
      if (at === undefined) throw missing("Timestamp", type);
      return shard.positionAt(at);
    case "AT_SEQUENCE_NUMBER":
      return within(shard, shard.origin.numbers.firstFrom(sequenceNumber(number, type)));
    case "AFTER_SEQUENCE_NUMBER":
      return within(shard, shard.origin.numbers.firstAfter(sequenceNumber(number, type)));
    default:
      throw new ServiceError("ValidationException", `ShardIteratorType ${String(type)} is not known`);
  }
}

/** A number that the shard has not given out yet is of another shard; the one that ends a closed shard is its own. */
function within(shard: ShardLog, position: number): number {
  if (position > shard.end + 1)
    throw new ServiceError(
      "InvalidArgumentException",
      `StartingSequenceNumber used in GetShardIterator on shard ${shard.origin.id} did not come from this shard`,
    );
  return Math.min(position, shard.end);
}

function sequenceNumber(text: string | undefined, type: string): string {
  if (text === undefined) throw missing("StartingSequenceNumber", type);
  if (!/^\d{1,128}$/.test(text))
    throw new ServiceError("InvalidArgumentException", `StartingSequenceNumber ${text} is invalid`);
  return text;
}

const missing = (name: string, type: string): ServiceError =>
  new ServiceError("InvalidArgumentException", `Must specify ${name} parameter for iterator type ${type}`);
