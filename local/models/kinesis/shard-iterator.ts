import type { DurationMs, EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";

/** How long an iterator may be used. */
const LIFETIME = 300_000 as DurationMs;

/** Where a reader stands; sent to it as an opaque text. */
export type ShardPosition = {
  readonly streamName: string;
  readonly shardId: string;
  readonly position: number;
  readonly issuedAt: EpochMs;
};

export function iteratorOf({ streamName, shardId, position, issuedAt }: ShardPosition): string {
  return Buffer.from(`${streamName} ${shardId} ${position} ${issuedAt}`).toString("base64");
}

/** Throws InvalidArgumentException for what is no iterator, ExpiredIteratorException after five minutes. */
export function readIterator(iterator: string, now: EpochMs): ShardPosition {
  const text = Buffer.from(iterator, "base64").toString();
  const [, streamName, shardId, position, issuedAt] = /^(\S+) (\S+) (\d+) (-?\d+)$/.exec(text) ?? [];
  if (streamName === undefined || shardId === undefined)
    throw new ServiceError("InvalidArgumentException", "Invalid ShardIterator.");
  const issued = Number(issuedAt) as EpochMs;
  if (now - issued > LIFETIME)
    throw new ServiceError(
      "ExpiredIteratorException",
      `Iterator expired. The iterator was created at ${issued} ms while now is ${now} ms, which is further in the ` +
        `future than the tolerated delay of ${LIFETIME} milliseconds.`,
    );
  return { streamName, shardId, position: Number(position), issuedAt: issued };
}
