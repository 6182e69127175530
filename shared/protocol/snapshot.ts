import { MillraceError } from "../errors/millrace-error.ts";
import type { Compression } from "../frames/compression.ts";
import { concat } from "../frames/concat.ts";
import type { Change } from "../state/change.ts";
import { decodeValue, encodeValue } from "../state/codec.ts";
import { type BlockRef, NO_PLACES, type Page, type Summary } from "../state/page.ts";
import { END_OF_TIME, type EpochMs } from "../time/time.ts";
import type { Entry } from "./entry.ts";
import type { PartitionId } from "./ports.ts";

/** What a snapshot says beside the state. */
export type SnapshotHead = Pick<Entry, "positions" | "time" | "counts" | "channels"> & {
  readonly fingerprint: string;
};

/** What a partition is at a version, and where its state stands. */
export type Snapshot = {
  readonly head: SnapshotHead;
  /** Blocks of the operators that keep no pages: of changes, in order. */
  readonly unpaged: readonly BlockRef[];
  readonly pages: ReadonlyMap<string, readonly Page[]>;
  /** Every object that holds a block of it, with its size in bytes. */
  readonly objects: ReadonlyMap<string, number>;
};

/**
 * ```
 * "MRS2" or "MRS3" | length of the index (u32, big-endian) | index | block … block
 * ```
 * The index (compressed) has the head, the objects that hold blocks, and for each operator its pages in order:
 * the first place, until when the page may lie unread, and its blocks. A block is in this object, or in that
 * of an earlier snapshot: only pages that changed are written. Blocks are compressed one by one, so that a
 * reader fetches those of the pages that it needs.
 *
 * The later name is that of a snapshot in which a process has pages. Its code was once read as a whole, and such a build
 * would find nothing of it and begin anew: by the name it stops.
 */
const MAGIC = "MRS2";
const MAGIC_OF_PROCESSES = "MRS3";
const HEADER_BYTES = 8;
/** What a reader asks for first. Most indexes are shorter. */
export const FIRST_BYTES: number = 256 * 1024;
const MAX_INDEX_BYTES = 256 * 1024 * 1024;

/** `[object, offset, length, chars]`, flat, one after another. Offsets in object 0, this one, count from the end of the index. */
type PackedRefs = readonly number[];
type PackedPage = readonly [
  first: Page["first"] | null,
  due: EpochMs | null,
  streamDue: EpochMs | null,
  until: EpochMs | null,
  count: number,
  marks: readonly EpochMs[],
  refs: PackedRefs,
  /** Of operators that go by it `processingDue`; of a process `sweepDue`, too. */
  ...byProcessingTime: readonly (EpochMs | null)[],
];
type Index = {
  readonly head: SnapshotHead;
  readonly objects: readonly (readonly [key: string, bytes: number])[];
  readonly unpaged: PackedRefs;
  readonly operators: readonly (readonly [id: string, pages: readonly PackedPage[]])[];
};

/** The object name that a block bears while its own is not known: that of the snapshot which is being written. */
export const THIS_OBJECT = "";

/**
 * @param snapshot - blocks of `THIS_OBJECT` count from the first of `blocks`
 * @returns the object's bytes, and where its blocks begin
 */
export function encodeSnapshot(
  { head, unpaged, pages, objects }: Snapshot,
  blocks: readonly Uint8Array[],
  compression: Compression,
): { readonly bytes: Uint8Array; readonly blocksAt: number } {
  const names = [THIS_OBJECT, ...[...objects.keys()].filter((key) => key !== THIS_OBJECT)];
  const numbers = new Map(names.map((name, i) => [name, i]));
  const pack = (refs: readonly BlockRef[]): number[] =>
    refs.flatMap(({ object, offset, length, chars }) => [numbers.get(object) ?? -1, offset, length, chars]);
  const index: Index = {
    head,
    objects: names.map((name) => [name, objects.get(name) ?? 0]),
    unpaged: pack(unpaged),
    operators: [...pages].map(([id, list]) => [
      id,
      list.map(({ first, summary, chain }) => [
        first ?? null,
        finite(summary.due),
        finite(summary.streamDue),
        finite(summary.until),
        summary.count,
        summary.marks,
        pack(chain),
        ...byProcessingTime(summary),
      ]),
    ]),
  };
  const packed = compression.compress(new TextEncoder().encode(encodeValue(index)));
  const list = [...pages.values()].flat();
  const magic = list.some(({ summary }) => summary.sweepDue !== undefined) ? MAGIC_OF_PROCESSES : MAGIC;
  const header = new TextEncoder().encode(`${magic}    `);
  new DataView(header.buffer).setUint32(MAGIC.length, packed.length);
  return { bytes: concat([header, packed, ...blocks]), blocksAt: HEADER_BYTES + packed.length };
}

function byProcessingTime({ processingDue, sweepDue }: Summary): (EpochMs | null)[] {
  if (processingDue === undefined) return [];
  return sweepDue === undefined ? [finite(processingDue)] : [finite(processingDue), finite(sweepDue)];
}

const finite = (time: EpochMs): EpochMs | null => (Number.isFinite(time) ? time : null);

/** How many bytes from the start of a snapshot hold its index; undefined where it is none of this format. */
export function indexEnd(start: Uint8Array): number | undefined {
  if (start.length < HEADER_BYTES || ![MAGIC, MAGIC_OF_PROCESSES].includes(magicOf(start))) return undefined;
  return HEADER_BYTES + new DataView(start.buffer, start.byteOffset + MAGIC.length, 4).getUint32(0);
}

/** @param start - the snapshot's bytes up to `indexEnd` at least */
export function decodeSnapshot(key: string, start: Uint8Array, compression: Compression): Snapshot {
  const end = indexEnd(start);
  if (end === undefined || start.length < end) throw unknownSnapshot(start);
  const text = compression.decompress(start.subarray(HEADER_BYTES, end), MAX_INDEX_BYTES);
  const { head, objects, unpaged, operators } = decodeValue(new TextDecoder().decode(text)) as Index;
  const names = objects.map(([name]) => (name === THIS_OBJECT ? key : name));
  const unpack = (packed: PackedRefs): BlockRef[] => {
    const refs: BlockRef[] = [];
    for (let i = 0; i < packed.length; i += 4) {
      const [number = 0, offset = 0, length = 0, chars = 0] = packed.slice(i, i + 4);
      refs.push({
        object: names[number] ?? key,
        offset: number === 0 ? offset + end : offset,
        length,
        chars,
      });
    }
    return refs;
  };
  const pageOf = (
    operator: string,
    [first, due, streamDue, until, count, marks, refs, ...[processingDue, sweepDue]]: PackedPage,
  ): Page => ({
    operator,
    first: first ?? undefined,
    chain: unpack(refs),
    summary: {
      due: due ?? END_OF_TIME,
      streamDue: streamDue ?? END_OF_TIME,
      until: until ?? END_OF_TIME,
      count,
      marks,
      ...(processingDue === undefined ? {} : { processingDue: processingDue ?? END_OF_TIME }),
      ...(sweepDue === undefined ? {} : { sweepDue: sweepDue ?? END_OF_TIME }),
    },
    resident: false,
    places: NO_PLACES,
    pending: [],
    used: 0,
  });
  return {
    head,
    unpaged: unpack(unpaged),
    pages: new Map(operators.map(([id, pages]) => [id, pages.map((page) => pageOf(id, page))])),
    objects: new Map(objects.map(([, bytes], i) => [names[i] ?? key, bytes])),
  };
}

/** A snapshot of the first format, which is read as a whole. */
const FIRST_MAGIC = "MRS1";
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

type FirstIndex = {
  readonly head: SnapshotHead;
  readonly blocks: readonly (readonly [first: Change, offset: number, length: number])[];
};

/**
 * Reads what was written before there were pages:
 * ```
 * "MRS1" | block … block | index | length of the index (u32, big-endian)
 * ```
 * @throws MillraceError `SNAPSHOT_UNKNOWN` for bytes that are no snapshot of a known version
 */
export function decodeFirstSnapshot(
  bytes: Uint8Array,
  compression: Compression,
): SnapshotHead & { readonly changes: readonly Change[] } {
  if (magicOf(bytes) !== FIRST_MAGIC || bytes.length < FIRST_MAGIC.length + 4) throw unknownSnapshot(bytes);
  const tail = bytes.length - 4;
  const length = new DataView(bytes.buffer, bytes.byteOffset + tail, 4).getUint32(0);
  const read = (from: number, to: number): unknown =>
    decodeValue(new TextDecoder().decode(compression.decompress(bytes.subarray(from, to), MAX_BLOCK_BYTES)));
  const { head, blocks } = read(tail - length, tail) as FirstIndex;
  const changes = blocks.flatMap(([, offset, size]) => read(offset, offset + size) as Change[]);
  return { ...head, changes };
}

const magicOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, MAGIC.length));

const unknownSnapshot = (bytes: Uint8Array): MillraceError =>
  new MillraceError("SNAPSHOT_UNKNOWN", `a snapshot that begins with ${JSON.stringify(magicOf(bytes))}`, {
    next: "retried",
  });

/** A key that is never used for other bytes: the state at a version of an epoch is one state. */
export const snapshotKey = ({ stage, partition, epoch }: PartitionId, v: number, nonce: string): string =>
  `${snapshotFolder({ stage, partition, epoch })}${String(v).padStart(12, "0")}-${nonce}`;

/** Where all snapshots of a partition are. */
export const snapshotFolder = ({ stage, partition, epoch }: PartitionId): string =>
  `snapshots/${stage}/${epoch}/${partition}/`;

/** The version in a snapshot's key. */
export const snapshotVersion = (key: string): number => Number(/(\d+)-[^/]*$/.exec(key)?.[1]);
