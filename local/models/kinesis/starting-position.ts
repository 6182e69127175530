import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import type { GetShardIteratorInput } from "./kinesis-api.ts";
import type { ShardLog } from "./shard-log.ts";

/**
 * Where an iterator of the asked kind starts to read a shard. Throws InvalidArgumentException for a number that the
 * shard has not given out, and for a time that is still to come.
 */
export function startingPosition(shard: ShardLog, input: GetShardIteratorInput, now: EpochMs): number {
  const { ShardIteratorType: type, StartingSequenceNumber: number, Timestamp: at } = input;
  switch (type) {
    case "TRIM_HORIZON":
    case "LATEST":
      if (number !== undefined) throw refused(`An iterator of type ${type} takes no StartingSequenceNumber`);
      return type === "LATEST" ? shard.end : shard.horizon;
    case "AT_TIMESTAMP":
      if (at === undefined) throw refused(`An iterator of type ${type} needs a Timestamp`);
      if (at > now) throw refused(`The Timestamp ${at} is later than the current time ${now}`);
      return shard.positionAt(at);
    case "AT_SEQUENCE_NUMBER":
      return counterOf(shard, number, type);
    case "AFTER_SEQUENCE_NUMBER":
      return counterOf(shard, number, type) + 1;
  }
}

/** From 0, which is the number that starts the shard, to that of its last record, or of its end once it is closed. */
function counterOf(shard: ShardLog, number: string | undefined, type: string): number {
  if (number === undefined) throw refused(`An iterator of type ${type} needs a StartingSequenceNumber`);
  const counter = shard.origin.numbers.counterOf(number);
  const last = shard.closedAt === undefined ? shard.end - 1 : shard.end;
  if (counter === undefined || counter > last)
    throw refused(`StartingSequenceNumber ${number} is none of shard ${shard.origin.id}`);
  return counter;
}

const refused = (why: string): ServiceError => new ServiceError("InvalidArgumentException", `${why}.`);
