import type { Stage } from "../operators/stage.ts";
import { appendTo } from "../state/lists.ts";
import { decodeRecord } from "./decode-record.ts";
import type { Environment } from "./environment.ts";
import { cachedLookups, type OpenLookups } from "./lookup/sessions.ts";
import { Partition, type Settled } from "./partition.ts";
import type { InRecord, Piece } from "./record.ts";

/** How a batch ended: settled to its end, or from which record on it must be delivered again. */
export type BatchOutcome = {
  readonly firstFailed: string | undefined;
  /** Why, where it was an error; a gap that an earlier frame will fill is none. */
  readonly causes: readonly unknown[];
};

/** A stage in a warm environment: its partitions' replicas, and the way of a batch through them. */
export class StageLoop {
  readonly #stage: Stage;
  readonly #env: Environment;
  readonly #lookups: OpenLookups;
  readonly #partitions = new Map<number, Partition>();

  constructor(stage: Stage, env: Environment) {
    this.#stage = stage;
    this.#env = env;
    this.#lookups = cachedLookups(env);
  }

  /**
   * Sorts a batch of one or more shards into partitions and takes each further. Records of a partition that
   * failed, and all after the first of them, are reported; what is delivered again is dropped by position.
   */
  async run(records: readonly InRecord[]): Promise<BatchOutcome> {
    const byPartition = new Map<number, Piece[]>();
    for (const record of records)
      for (const piece of await decodeRecord(this.#stage, record, this.#env.compression, this.#env.epoch))
        appendTo(byPartition, piece.partition, piece);
    const settled = await Promise.all(
      [...byPartition].map(([partition, pieces]) => this.#settle(partition, pieces)),
    );
    const stopped = settled.flatMap(({ stoppedAt }) => (stoppedAt === undefined ? [] : [stoppedAt.record]));
    return {
      firstFailed: records.find((record) => stopped.includes(record))?.sequence,
      causes: settled.flatMap(({ cause }) => (cause === undefined ? [] : [cause])),
    };
  }

  async #settle(partition: number, pieces: readonly Piece[]): Promise<Settled> {
    try {
      return await this.#partition(partition).process(pieces);
    } catch (cause) {
      const [first] = pieces;
      return first === undefined ? { cause } : { stoppedAt: first, cause };
    }
  }

  #partition(partition: number): Partition {
    let found = this.#partitions.get(partition);
    if (found === undefined) {
      const { epoch = 0 } = this.#env;
      const id = { stage: this.#stage.id, partition, epoch };
      found = new Partition(this.#stage, id, this.#env, this.#lookups());
      this.#partitions.set(partition, found);
    }
    return found;
  }
}
