import type { Compression } from "../../shared/frames/compression.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { OutRecord, Streams } from "../../shared/protocol/ports.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { bounded } from "../aws/bounded.ts";
import type { Head, HeadReader } from "../aws/heads.ts";
import { stagesToRead, ticksFor } from "./ticks.ts";

export type ClockPorts = {
  readonly readHead: HeadReader;
  readonly streams: Streams;
  readonly compression: Compression;
  readonly clock: Clock;
  /** Of the deployment. @default 0 */
  readonly epoch?: number;
};

const PARALLEL_READS = 16;

/**
 * Sends a tick to each partition that one can move, through its stream: it is folded in its place in the log
 * like any input, so that a replay sees the same processing time.
 * @returns how many were sent
 * @throws AggregateError with the error of each stream that did not take its ticks; the others have theirs
 */
export async function sendTicks(stages: ReadonlyMap<string, Stage>, ports: ClockPorts): Promise<number> {
  const { readHead, streams, compression, clock, epoch = 0 } = ports;
  const ids = stagesToRead(stages).flatMap(({ id: stage, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ stage, partition, epoch })),
  );
  const read = await bounded(ids, PARALLEL_READS, readHead);
  const heads = new Map<string, (Head | undefined)[]>();
  for (const [at, { stage, partition }] of ids.entries()) {
    const ofStage = heads.get(stage) ?? [];
    ofStage[partition] = read[at];
    heads.set(stage, ofStage);
  }

  const sentAt = clock.now();
  const records = new Map<string, OutRecord[]>();
  for (const { stream, partition, partitions } of ticksFor(stages, heads, sentAt)) {
    const data = encodeFrame({ kind: "tick", stream, partition, sentAt }, compression);
    records.set(stream, [...(records.get(stream) ?? []), { partition, partitions, data }]);
  }
  const ends = await Promise.allSettled(
    [...records].map(([stream, ticks]) => streams.publish(stream, ticks)),
  );
  const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
  if (errors.length > 0)
    throw new AggregateError(errors, `${errors.length} streams did not take their ticks`);
  return [...records.values()].flat().length;
}
