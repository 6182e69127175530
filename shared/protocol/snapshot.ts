import { MillraceError } from "../errors/millrace-error.ts";
import type { Compression } from "../frames/compression.ts";
import type { Change } from "../state/change.ts";
import { decodeValue, encodeValue } from "../state/codec.ts";
import type { Entry } from "./entry.ts";
import type { PartitionId } from "./ports.ts";

/** What a partition is at a version: the same as all entries up to it. */
export type Snapshot = Pick<Entry, "positions" | "time" | "counts" | "channels"> & {
  readonly fingerprint: string;
  readonly changes: Iterable<Change>;
};

/**
 * ```
 * "MRS1" | block … block | index | length of the index (u32, big-endian)
 * ```
 * Blocks hold changes in the operators' stable order and are compressed one by one; the index (compressed
 * too) holds the head and, for each block, its first change's operator and key, offset and length: a
 * reader may fetch the tail, then only the blocks that it needs.
 */
const MAGIC = "MRS1";
const BLOCK_CHARS = 64 * 1024;
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

type Index = {
  readonly head: Omit<Snapshot, "changes">;
  readonly blocks: readonly (readonly [first: Change, offset: number, length: number])[];
};

export function encodeSnapshot({ changes, ...head }: Snapshot, compression: Compression): Uint8Array {
  const parts: Uint8Array[] = [utf8.encode(MAGIC)];
  const blocks: (readonly [Change, number, number])[] = [];
  let offset = MAGIC.length;
  let texts: string[] = [];
  let first: Change | undefined;
  let chars = 0;
  const close = (): void => {
    if (first === undefined) return;
    const bytes = compression.compress(utf8.encode(`[${texts.join(",")}]`));
    blocks.push([first, offset, bytes.length]);
    parts.push(bytes);
    offset += bytes.length;
    texts = [];
    first = undefined;
    chars = 0;
  };
  for (const change of changes) {
    const text = encodeValue([change]);
    first ??= change.slice(0, 4) as unknown as Change;
    texts.push(text.slice(1, -1));
    chars += text.length;
    if (chars >= BLOCK_CHARS) close();
  }
  close();
  const index = compression.compress(utf8.encode(encodeValue({ head, blocks } satisfies Index)));
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setUint32(0, index.length);
  return concat([...parts, index, tail]);
}

/** @throws MillraceError `SNAPSHOT_UNKNOWN` for bytes that are no snapshot of a known version */
export function decodeSnapshot(bytes: Uint8Array, compression: Compression): Snapshot {
  const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC || bytes.length < MAGIC.length + 4)
    throw new MillraceError("SNAPSHOT_UNKNOWN", `a snapshot that begins with ${JSON.stringify(magic)}`, {
      next: "retried",
    });
  const tail = bytes.length - 4;
  const length = new DataView(bytes.buffer, bytes.byteOffset + tail, 4).getUint32(0);
  const read = (from: number, to: number): unknown =>
    decodeValue(new TextDecoder().decode(compression.decompress(bytes.subarray(from, to), MAX_BLOCK_BYTES)));
  const { head, blocks } = read(tail - length, tail) as Index;
  const changes = blocks.flatMap(([, offset, size]) => read(offset, offset + size) as Change[]);
  return { ...head, changes };
}

/** A key that is never used for other bytes: the state at a version of an epoch is one state. */
export const snapshotKey = ({ stage, partition, epoch }: PartitionId, v: number, nonce: string): string =>
  `snapshots/${stage}/${epoch}/${partition}/${String(v).padStart(12, "0")}-${nonce}`;

const utf8 = new TextEncoder();

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
