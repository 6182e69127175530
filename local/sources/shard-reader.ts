import type { DurationMs } from "../../shared/time/time.ts";
import type { StoredRecord } from "../models/kinesis/kinesis-api.ts";
import { BatchingWindow } from "./batching-window.ts";
import { justBefore } from "./kinesis-checkpoint.ts";
import type { KinesisMapping } from "./kinesis-mapping.ts";
import { Lane, type LanePorts } from "./lane.ts";
import type { RunControl } from "./run-control.ts";
import { WakeUp } from "./wake-up.ts";

/** Records that wait for lanes at most, so that a key that is stuck does not soon hold up the others. */
const READ_AHEAD = 100_000;
/** Data of one read: 6 MB of JSON hold about 4.5 MB before base64. */
const READ_BYTES = 4_500_000;

/** A lane and the records that were dealt to it and not yet given to it. */
type DealtLane = { readonly lane: Lane; readonly queue: StoredRecord[] };

/** Reads one shard in order and deals its records out to its lanes, by partition key. */
export class ShardReader {
  readonly #ports: LanePorts;
  readonly #mapping: KinesisMapping;
  readonly #control: RunControl;
  readonly #changed = new WakeUp();
  readonly #lanes: readonly DealtLane[];
  #after: string | undefined;
  #queued = 0;
  #closed = false;

  /** @param after - the sequence number behind which it starts; undefined starts at the oldest record */
  constructor(ports: LanePorts, after: string | undefined) {
    this.#ports = ports;
    this.#mapping = ports.mapping;
    this.#control = ports.control;
    this.#lanes = Array.from({ length: ports.mapping.parallelizationFactor }, () => ({
      lane: new Lane(ports),
      queue: [],
    }));
    this.#after = after;
  }

  /** The shard may hold more now. */
  wake(): void {
    this.#changed.wake();
  }

  /** Every record of the shard was taken or discarded. */
  caughtUp(): boolean {
    const empty = () =>
      this.#lanes.every(({ lane, queue }) => queue.length === 0 && lane.oldest === undefined);
    while (empty() && this.#read());
    return empty();
  }

  /**
   * The sequence number behind which another reader must start to miss nothing. With several lanes, what one of them
   * has taken comes again where another one is behind it.
   */
  checkpoint(): string | undefined {
    const left = this.#lanes.flatMap(({ lane, queue }) => lane.oldest ?? queue[0] ?? []);
    return justBefore(left.map(({ SequenceNumber }) => SequenceNumber)) ?? this.#after;
  }

  /** Resolves when the shard is closed and all of it was taken or discarded, or the source was stopped. */
  async run(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => this.#runLane(lane)));
  }

  async #runLane({ lane, queue }: DealtLane): Promise<void> {
    const window = new BatchingWindow(this.#mapping.batchingWindow, this.#ports.clock);
    while (await this.#control.mayGoOn()) {
      const count = await this.#gather(queue, window);
      if (count === 0) return;
      this.#queued -= count;
      const delivered = lane.deliver(queue.splice(0, count));
      // there is room again for the records of the other lanes
      if (this.#lanes.length > 1) this.wake();
      await delivered;
      window.restart();
    }
  }

  /** Waits for a batch: what is there, or what has come when the window is over. 0: nothing will come. */
  async #gather(queue: readonly StoredRecord[], window: BatchingWindow): Promise<number> {
    const { batchSize } = this.#mapping;
    if (!(await this.#until(() => queue.length > 0))) return 0;
    const fitting = () => this.#ports.format.fittingCount(queue, batchSize);
    const full = () => queue.length >= batchSize || fitting() < queue.length;
    if (window.length > 0) await this.#within(window.left(), full);
    return fitting();
  }

  /** Reads on until the batch is full or the time is over. */
  async #within(time: DurationMs, full: () => boolean): Promise<void> {
    const early = new AbortController();
    let over = false;
    const pause = this.#control.pause(time, early.signal).then(() => {
      over = true;
      this.wake();
    });
    await this.#until(() => over || full());
    early.abort();
    await pause;
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

  /** Reads what the lanes have room for. False: there was nothing to read, or no room. */
  #read(): boolean {
    const { batchSize, parallelizationFactor, filter } = this.#mapping;
    const wanting = this.#lanes.some(({ queue }) => queue.length < batchSize);
    if (!wanting || this.#queued >= READ_AHEAD || this.#closed) return false;
    const { records, closed } = this.#ports.kinesis.read(
      this.#ports.streamName,
      this.#ports.origin.shardId,
      this.#after,
      batchSize * parallelizationFactor,
      READ_BYTES * parallelizationFactor,
    );
    const wanted = filter === undefined ? records : records.filter(filter);
    for (const record of wanted)
      this.#lanes[laneOf(record.PartitionKey, parallelizationFactor)]?.queue.push(record);
    this.#queued += wanted.length;
    this.#after = records.at(-1)?.SequenceNumber ?? this.#after;
    this.#closed = closed;
    if (records.length > 0 || closed) this.wake();
    return records.length > 0;
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
