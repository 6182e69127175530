import type { BlockRef } from "../state/page.ts";
import type { Blobs } from "./ports.ts";

/** What lies between two blocks and is shorter than this is read too: a request costs more. */
const MOST_BETWEEN = 16 * 1024;
/** Bytes of one request, so that many of them share the way. */
const MOST_BYTES = 4 * 1024 * 1024;

type Range = { readonly object: string; readonly from: number; to: number; readonly refs: BlockRef[] };

/** Bytes at the start of an object that are there already. */
export type KnownStart = { readonly object: string; readonly bytes: Uint8Array };

/**
 * Reads blocks, neighbours together, all at once.
 * @returns the bytes of each; undefined where one of the objects is gone
 */
export async function readBlocks(
  blobs: Pick<Blobs, "getRange">,
  refs: readonly BlockRef[],
  known?: KnownStart,
): Promise<ReadonlyMap<BlockRef, Uint8Array> | undefined> {
  const found = new Map<BlockRef, Uint8Array>();
  const unknown: BlockRef[] = [];
  for (const ref of refs) {
    const { object, offset, length } = ref;
    if (object === known?.object && offset + length <= known.bytes.length)
      found.set(ref, known.bytes.subarray(offset, offset + length));
    else unknown.push(ref);
  }
  const read = await Promise.all(
    rangesOf(unknown).map(async ({ object, from, to, refs }) => {
      const bytes = await blobs.getRange(object, from, to - from);
      if (bytes === undefined || bytes.length < to - from) return false;
      for (const ref of refs) {
        const at = ref.offset - from;
        found.set(ref, bytes.subarray(at, at + ref.length));
      }
      return true;
    }),
  );
  return read.every((whole) => whole) ? found : undefined;
}

function rangesOf(refs: readonly BlockRef[]): Range[] {
  const sorted = [...refs].sort((a, b) =>
    a.object === b.object ? a.offset - b.offset : a.object < b.object ? -1 : 1,
  );
  const ranges: Range[] = [];
  for (const ref of sorted) {
    const last = ranges.at(-1);
    const to = ref.offset + ref.length;
    if (last?.object === ref.object && ref.offset - last.to <= MOST_BETWEEN && to - last.from <= MOST_BYTES) {
      last.to = Math.max(last.to, to);
      last.refs.push(ref);
    } else ranges.push({ object: ref.object, from: ref.offset, to, refs: [ref] });
  }
  return ranges;
}
