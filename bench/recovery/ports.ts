import { setTimeout as sleep } from "node:timers/promises";
import { zstd } from "../../functions/aws/zstd.ts";
import type { Environment, StateSizes } from "../../shared/protocol/environment.ts";
import type { Blobs, LogItem, SnapshotRef } from "../../shared/protocol/ports.ts";
import { systemClock } from "../../shared/time/clock.ts";

/** What S3 in the Region takes: to the first byte, then per connection; and how many connections a client opens. */
export type Wire = { readonly latencyMs: number; readonly bytesPerMs: number; readonly connections: number };
export const S3_WIRE: Wire = { latencyMs: 20, bytesPerMs: 80_000, connections: 50 };

export type Traffic = { requests: number; bytes: number; puts: number; putBytes: number };

/** A log and a bucket in memory, and how much of them was used. */
export class Store {
  readonly items: LogItem[] = [];
  readonly objects: Map<string, Uint8Array> = new Map();
  snapshot: SnapshotRef | undefined;
  readonly traffic: Traffic = { requests: 0, bytes: 0, puts: 0, putBytes: 0 };

  blobs(wire?: Wire): Blobs {
    const queue = new Queue(wire?.connections ?? Number.POSITIVE_INFINITY);
    const over = async <T extends Uint8Array | undefined>(answer: () => T): Promise<T> => {
      const found = answer();
      this.traffic.requests += 1;
      this.traffic.bytes += found?.length ?? 0;
      if (wire !== undefined)
        await queue.run(() => sleep(wire.latencyMs + (found?.length ?? 0) / wire.bytesPerMs));
      return found;
    };
    return {
      put: async (key, bytes) => {
        this.traffic.puts += 1;
        this.traffic.putBytes += bytes.length;
        if (!this.objects.has(key)) this.objects.set(key, bytes);
        if (wire !== undefined) await queue.run(() => sleep(wire.latencyMs + bytes.length / wire.bytesPerMs));
      },
      get: (key) => over(() => this.objects.get(key)),
      list: async (prefix) => [...this.objects.keys()].filter((key) => key.startsWith(prefix)),
      remove: async (keys) => {
        for (const key of keys) this.objects.delete(key);
      },
      getRange: (key, from, length) =>
        over(() => {
          const bytes = this.objects.get(key);
          return bytes === undefined || bytes.length <= from
            ? undefined
            : bytes.subarray(from, from + length);
        }),
    };
  }

  /** @param options.onOutput - called when rows of a new entry are written to a view */
  environment(options: {
    readonly state?: StateSizes;
    readonly wire?: Wire;
    readonly onOutput?: () => void;
    readonly snapshotEntries?: number;
  }): Environment {
    const { state, wire, onOutput, snapshotEntries } = options;
    let nonce = 0;
    let committed = false;
    const run = Math.random().toString(36).slice(2);
    return {
      log: {
        readAfter: async (_, v) => {
          if (wire !== undefined) await sleep(wire.latencyMs / 4);
          return this.items.filter((item) => item.v > v);
        },
        append: async (_, item) => {
          if (wire !== undefined) await sleep(wire.latencyMs / 4);
          this.items.push(item);
          committed = true;
          return { won: true };
        },
        snapshot: async () => {
          if (wire !== undefined) await sleep(wire.latencyMs / 4);
          return this.snapshot;
        },
        recordSnapshot: async (_, ref) => {
          this.snapshot = ref;
        },
        truncate: async (_, v) => {
          const kept = this.items.filter((item) => item.v > v || item === this.items.at(-1));
          this.items.splice(0, this.items.length, ...kept);
        },
      },
      blobs: this.blobs(wire),
      streams: { publish: async () => {} },
      views: {
        write: async () => {
          // those of the last entry are written again after a cold start
          if (committed) onOutput?.();
        },
      },
      lake: { write: async () => {} },
      failedEvents: { write: async () => {} },
      compression: zstd,
      clock: systemClock,
      nonce: () => `${run}-${nonce++}`,
      codeVersion: "bench",
      ...(state === undefined ? {} : { state }),
      ...(snapshotEntries === undefined ? {} : { snapshotEntries }),
    };
  }
}

/** Runs so many at a time. */
class Queue {
  readonly #most: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  async run(work: () => Promise<void>): Promise<void> {
    if (this.#running >= this.#most) await new Promise<void>((go) => this.#waiting.push(go));
    this.#running += 1;
    try {
      await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}
