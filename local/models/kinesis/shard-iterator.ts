import type { DurationMs, EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";

/** How long an iterator may be used. */
const LIFETIME = 300_000 as DurationMs;

/** Where a reader stands; sent to it as an opaque text. */
export type ShardPosition = {
  readonly streamName: string;
  /** Tells a stream from one that was deleted and made again under its name. */
  readonly streamCreatedAt: EpochMs;
  readonly shardId: string;
  readonly position: number;
  readonly issuedAt: EpochMs;
};

export function iteratorOf(at: ShardPosition): string {
  const { streamName, streamCreatedAt, shardId, position, issuedAt } = at;
  return Buffer.from(`${streamName} ${streamCreatedAt} ${shardId} ${position} ${issuedAt}`).toString(
    "base64",
  );
}

/** Throws InvalidArgumentException for what is no iterator, ExpiredIteratorException after five minutes. */
export function readIterator(iterator: string, now: EpochMs): ShardPosition {
  const text = Buffer.from(iterator, "base64").toString();
  const parts = /^(?<streamName>\S+) (?<made>-?\d+) (?<shardId>\S+) (?<position>\d+) (?<issued>-?\d+)$/.exec(
    text,
  );
  if (parts?.groups === undefined)
    throw new ServiceError("InvalidArgumentException", "Invalid ShardIterator.");
  const { streamName = "", made, shardId = "", position, issued } = parts.groups;
  const issuedAt = Number(issued) as EpochMs;
  if (now - issuedAt > LIFETIME)
    throw new ServiceError(
      "ExpiredIteratorException",
      `Iterator expired. The iterator was created at ${issuedAt} ms while now is ${now} ms, which is further in the ` +
        `future than the tolerated delay of ${LIFETIME} milliseconds.`,
    );
  const streamCreatedAt = Number(made) as EpochMs;
  return { streamName, streamCreatedAt, shardId, position: Number(position), issuedAt };
}
