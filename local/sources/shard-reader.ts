import type { StoredRecord } from "../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { KinesisMapping, StartingPosition } from "./kinesis-mapping.ts";
import { Lane, type LanePorts } from "./lane.ts";
import type { RunControl } from "./run-control.ts";
import { WakeUp } from "./wake-up.ts";

/** Data of one read: 6 MB of JSON hold about 4.5 MB before base64. */
const READ_BYTES = 4_500_000;

export type ShardReaderPorts = LanePorts & {
  readonly kinesis: Pick<KinesisModel, "read">;
  readonly streamName: string;
};

/** Reads one shard in order and deals its records out to its lanes, by partition key. */
export class ShardReader {
  readonly #ports: ShardReaderPorts;
  readonly #mapping: KinesisMapping;
  readonly #control: RunControl;
  readonly #changed = new WakeUp();
  readonly #queues: StoredRecord[][];
  #after: string | undefined;
  #queued = 0;
  /** Records that a lane holds: taken from its queue, not yet taken by the function. */
  #held = 0;
  #closed = false;

  constructor(ports: ShardReaderPorts, from: StartingPosition) {
    this.#ports = ports;
    this.#mapping = ports.mapping;
    this.#control = ports.control;
    this.#queues = Array.from({ length: ports.mapping.parallelizationFactor }, () => []);
    if (from.at === "LATEST") this.#skipWhile(() => true);
    if (from.at === "AT_TIMESTAMP")
      this.#skipWhile((record) => record.ApproximateArrivalTimestamp < from.timestamp);
  }

  /** The shard may hold more now. */
  wake(): void {
    this.#changed.wake();
  }

  /** Every record of the shard was taken or discarded. */
  caughtUp(): boolean {
    this.#read();
    return this.#queued === 0 && this.#held === 0;
  }

  /** Resolves when the shard is closed and all of it was taken or discarded, or the source was stopped. */
  async run(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => this.#runLane(queue)));
  }

  async #runLane(queue: StoredRecord[]): Promise<void> {
    const lane = new Lane(this.#ports);
    while (await this.#control.mayGoOn()) {
      const records = await this.#gather(queue);
      if (records.length === 0) return;
      this.#held += records.length;
      await lane.deliver(records);
      this.#held -= records.length;
    }
  }

  /** Waits for a batch: what is there, or what has come when the window is over. Empty: nothing will come. */
  async #gather(queue: StoredRecord[]): Promise<readonly StoredRecord[]> {
    const { batchSize, batchingWindow } = this.#mapping;
    if (!(await this.#until(() => queue.length > 0))) return [];
    const fitting = () => this.#ports.format.fittingCount(queue, batchSize);
    if (batchingWindow > 0)
      await this.#withinWindow(() => queue.length >= batchSize || fitting() < queue.length);
    const batch = queue.splice(0, fitting());
    this.#queued -= batch.length;
    // there is room again for the records of the other lanes
    if (this.#queues.length > 1) this.wake();
    return batch;
  }

  /** Reads on until the batch is full or the window is over. */
  async #withinWindow(full: () => boolean): Promise<void> {
    const early = new AbortController();
    let over = false;
    const window = this.#control.pause(this.#mapping.batchingWindow, early.signal).then(() => {
      over = true;
      this.wake();
    });
    await this.#until(() => over || full());
    early.abort();
    await window;
  }

  /** Reads on until `holds`. False: the shard has ended or the source was stopped. */
  async #until(holds: () => boolean): Promise<boolean> {
    for (;;) {
      const changed = Promise.race([this.#changed.next(), this.#control.changed.next()]);
      if (this.#control.stopped) return false;
      this.#read();
      if (holds()) return true;
      if (this.#closed) return false;
      await changed;
    }
  }

  /** Reads what the lanes have room for. */
  #read(): void {
    const { batchSize, parallelizationFactor } = this.#mapping;
    const room = batchSize * parallelizationFactor - this.#queued;
    if (room <= 0 || this.#closed) return;
    const { records, closed } = this.#ports.kinesis.read(
      this.#ports.streamName,
      this.#ports.origin.shardId,
      this.#after,
      room,
      READ_BYTES * parallelizationFactor,
    );
    for (const record of records)
      this.#queues[laneOf(record.PartitionKey, parallelizationFactor)]?.push(record);
    this.#queued += records.length;
    this.#after = records.at(-1)?.SequenceNumber ?? this.#after;
    this.#closed = closed;
    if (records.length > 0 || closed) this.wake();
  }

  #skipWhile(skipped: (record: StoredRecord) => boolean): void {
    const { kinesis, streamName, origin } = this.#ports;
    for (;;) {
      const { records } = kinesis.read(streamName, origin.shardId, this.#after, 10_000, READ_BYTES);
      for (const record of records) {
        if (!skipped(record)) return;
        this.#after = record.SequenceNumber;
      }
      if (records.length === 0) return;
    }
  }
}

/** FNV-1a: any hash does that spreads keys and gives a key the same lane always. */
function laneOf(partitionKey: string, lanes: number): number {
  if (lanes === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < partitionKey.length; index++)
    hash = Math.imul(hash ^ partitionKey.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % lanes;
}
