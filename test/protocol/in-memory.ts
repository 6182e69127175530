import { zstd } from "../../functions/aws/zstd.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import type {
  FailedEvents,
  LakeWrite,
  LogItem,
  OutRecord,
  PartitionId,
  SnapshotRef,
  ViewWrite,
} from "../../shared/protocol/ports.ts";
import { settableClock } from "./conformance/settable-clock.ts";

/** All that a stage reaches, kept in memory, and open to a test's eyes. */
export type InMemory = Environment & {
  readonly items: Map<string, LogItem[]>;
  readonly refs: Map<string, SnapshotRef>;
  readonly objects: Map<string, Uint8Array>;
  readonly published: { readonly stream: string; readonly record: OutRecord }[];
  readonly rows: ViewWrite[];
  readonly files: LakeWrite[];
  readonly failed: Parameters<FailedEvents["write"]>[0][number][];
};

/** A log of the first epoch, unless another is named. */
export const logOf = (env: InMemory, id: Omit<PartitionId, "epoch"> & { epoch?: number }): LogItem[] =>
  env.items.get(nameOf({ epoch: 0, ...id })) ?? [];

const nameOf = ({ stage, partition, epoch }: PartitionId): string =>
  epoch === 0 ? `${stage}/${partition}` : `${stage}/${partition}/${epoch}`;

export function inMemory(options: Partial<Environment> = {}): InMemory {
  const items = new Map<string, LogItem[]>();
  const refs = new Map<string, SnapshotRef>();
  const objects = new Map<string, Uint8Array>();
  const published: InMemory["published"] = [];
  const rows: ViewWrite[] = [];
  const files: LakeWrite[] = [];
  const failed: InMemory["failed"] = [];
  let nonces = 0;
  return {
    items,
    refs,
    objects,
    published,
    rows,
    files,
    failed,
    log: {
      readAfter: async (id, v, upTo = Number.POSITIVE_INFINITY) =>
        (items.get(nameOf(id)) ?? []).filter((item) => item.v > v && item.v <= upTo),
      append: async (id, item) => {
        const log = items.get(nameOf(id)) ?? [];
        const there = log.find(({ v }) => v === item.v);
        if (there !== undefined)
          return there.nonce === item.nonce ? { won: true } : { won: false, nonce: there.nonce };
        items.set(
          nameOf(id),
          [...log, item].sort((a, b) => a.v - b.v),
        );
        return { won: true };
      },
      snapshot: async (id) => refs.get(nameOf(id)),
      recordSnapshot: async (id, ref) => {
        if ((refs.get(nameOf(id))?.v ?? 0) < ref.v) refs.set(nameOf(id), ref);
      },
      truncate: async (id, upTo) => {
        const log = items.get(nameOf(id)) ?? [];
        items.set(
          nameOf(id),
          log.filter(({ v }, i) => v > upTo || i === log.length - 1),
        );
      },
    },
    blobs: {
      put: async (key, bytes) => {
        if (!objects.has(key)) objects.set(key, bytes);
      },
      get: async (key) => objects.get(key),
      list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)),
      remove: async (keys) => {
        for (const key of keys) objects.delete(key);
      },
      getRange: async (key, from, length) => {
        const bytes = objects.get(key);
        return bytes === undefined || bytes.length <= from ? undefined : bytes.slice(from, from + length);
      },
    },
    streams: {
      publish: async (stream, records) => {
        published.push(...records.map((record) => ({ stream, record })));
      },
    },
    views: {
      write: async (writes) => {
        rows.push(...writes);
      },
    },
    lake: {
      write: async (writes) => {
        files.push(...writes);
      },
    },
    failedEvents: {
      write: async (events) => {
        failed.push(...events);
      },
    },
    compression: zstd,
    clock: settableClock(),
    nonce: () => `nonce-${++nonces}`,
    codeVersion: "code-1",
    ...options,
  };
}
