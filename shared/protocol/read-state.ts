import { MillraceError } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";
import { partitionOf } from "../frames/partitioner.ts";
import type { Stage } from "../operators/stage.ts";
import type { EpochMs } from "../time/time.ts";
import type { Environment } from "./environment.ts";
import type { PartitionId } from "./ports.ts";
import { Replica, type ReplicaEnvironment } from "./replica.ts";

/** What a key's state was when entry `v` of its partition was committed; `v` 0 where there is no entry. */
export type StateAsOf = { readonly state: unknown; readonly v: number; readonly watermark: EpochMs };

type Limits = {
  /** Entries behind a snapshot that a reader takes up: a stage takes a snapshot after a thousand. @default 2000 */
  readonly entries?: number;
  /** Bytes, packed, that one reading may fetch; unpacked they are some ten times as many. @default 8 MiB */
  readonly bytes?: number;
};

/** Partitions whose state is kept between readings. */
const MOST_PARTITIONS = 8;
/** Unpacked pages in memory, of one partition: with more, the next reading begins anew. */
const MOST_CHARS = 8 * 1024 * 1024;

/** What a reader meets where a stage goes on beside it: looked at again, it is gone. */
const PASSING: ReadonlySet<string> = new Set(["LOG_GAP", "SNAPSHOT_UNKNOWN", "BODY_DAMAGED"]);
const ATTEMPTS = 3;

export type ReaderEnvironment = Pick<ReplicaEnvironment, "log" | "blobs" | "compression" | "clock"> &
  Pick<Environment, "epoch">;

/**
 * Reads committed state of a key as a stage does before it folds: the newest snapshot's index, the page that holds the
 * key, the entries behind it. What was read of a partition is kept, so that the next reading looks for new entries only.
 * It writes nothing and holds nobody up.
 */
export class StateReader {
  readonly #env: ReaderEnvironment;
  readonly #limits: Required<Limits>;
  /** Those used last come last. One that is in use is not among them. */
  readonly #warm = new Map<string, { readonly replica: Replica; readonly budget: Budget }>();

  constructor(env: ReaderEnvironment, { entries = 2_000, bytes = 8 * 1024 * 1024 }: Limits = {}) {
    this.#env = env;
    this.#limits = { entries, bytes };
  }

  /**
   * @throws MillraceError `STATE_LIMIT`; what stops a partition (`STATE_VERSION`, `STATE_MISMATCH` …);
   * `STATE_MIGRATION` where the state is of a version that this code cannot read
   */
  async read(stage: Stage, operator: string, key: Key): Promise<StateAsOf> {
    const id = {
      stage: stage.id,
      partition: partitionOf(key, stage.partitions),
      epoch: this.#env.epoch ?? 0,
    };
    const name = `${id.stage}/${id.partition}`;
    for (let attempt = 1; ; attempt += 1) {
      const known = this.#warm.get(name);
      this.#warm.delete(name);
      const { replica, budget } = known ?? this.#open(stage, id);
      budget.bytes = this.#limits.bytes;
      try {
        const found = await read(replica, operator, key);
        if (!replica.crowded) this.#keep(name, { replica, budget });
        return found;
      } catch (thrown) {
        const passing = thrown instanceof MillraceError && PASSING.has(thrown.code);
        // what is too much to catch up with may be little from the newest snapshot on
        if (attempt === ATTEMPTS || !(passing || (isLimit(thrown) && known !== undefined))) throw thrown;
      }
    }
  }

  #keep(name: string, kept: { readonly replica: Replica; readonly budget: Budget }): void {
    this.#warm.set(name, kept);
    const [oldest] = this.#warm.keys();
    if (oldest !== undefined && this.#warm.size > MOST_PARTITIONS) this.#warm.delete(oldest);
  }

  #open(stage: Stage, id: PartitionId): { readonly replica: Replica; readonly budget: Budget } {
    const { log, blobs, compression, clock } = this.#env;
    const budget: Budget = { bytes: 0 };
    const { entries } = this.#limits;
    const spend = (bytes: number): void => {
      budget.bytes -= bytes;
      if (budget.bytes < 0) throw tooMuch(id, `more than ${this.#limits.bytes} bytes`);
    };
    const env: ReplicaEnvironment = {
      log: {
        snapshot: (of) => log.snapshot(of),
        async readAfter(of, v) {
          const items = await log.readAfter(of, v, v + entries + 1);
          if (items.length > entries) throw tooMuch(id, `more than ${entries} entries behind the snapshot`);
          // where all that came next is deleted by now, it looks as if nothing had come
          if (((await log.snapshot(of))?.v ?? 0) > v + items.length) throw overtaken(id);
          for (const { body } of items) spend(body.length);
          return items;
        },
      },
      blobs: {
        async get(object) {
          const bytes = await blobs.get(object);
          spend(bytes?.length ?? 0);
          return bytes;
        },
        async getRange(object, from, length) {
          const bytes = await blobs.getRange(object, from, length);
          spend(bytes?.length ?? 0);
          return bytes;
        },
      },
      compression,
      clock,
      codeVersion: "",
      state: { eagerBytes: 0, residentChars: MOST_CHARS },
    };
    return { replica: new Replica(stage, id, env), budget };
  }
}

/** What a reading may still fetch. */
type Budget = { bytes: number };

async function read(replica: Replica, operator: string, key: Key): Promise<StateAsOf> {
  await replica.refresh();
  for (;;) {
    const { fold, v } = replica;
    fold.need(operator, key);
    if (fold.missing.length === 0)
      return { state: fold.stateOf(operator, key), v, watermark: fold.watermark };
    if ((await replica.fetchMissing()) === "out of date") await replica.refresh();
  }
}

const isLimit = (thrown: unknown): boolean =>
  thrown instanceof MillraceError && thrown.code === "STATE_LIMIT";

const overtaken = ({ stage, partition }: PartitionId): MillraceError =>
  new MillraceError(
    "LOG_GAP",
    `stage "${stage}", partition ${partition}: a newer snapshot was taken meanwhile`,
    {
      next: "retried",
    },
  );

const tooMuch = ({ stage, partition }: PartitionId, what: string): MillraceError =>
  new MillraceError(
    "STATE_LIMIT",
    `stage "${stage}", partition ${partition}: to read the state would take ${what}; ask again after its next snapshot`,
    { next: "refused" },
  );
