import type { BlockRef, Page } from "../state/page.ts";
import type { Blobs } from "./ports.ts";
import { readBlocks } from "./read-blocks.ts";
import { THIS_OBJECT } from "./snapshot.ts";

/** Objects of a snapshot together may hold so many times what is still in use, and this much more. */
const MOST_DEAD = 2;
const DEAD_ALLOWED = 1024 * 1024;
/** Objects that a snapshot's blocks stand in. */
const MOST_OBJECTS = 200;
/** What one snapshot copies at least, where there is something to copy; else as much as it writes itself. */
const LEAST_COPIED = 4 * 1024 * 1024;

/** How many bytes of each object are in use. */
export function liveBytes(pages: ReadonlyMap<string, readonly Page[]>): Map<string, number> {
  const live = new Map<string, number>();
  for (const list of pages.values())
    for (const { chain } of list)
      for (const { object, length } of chain) live.set(object, (live.get(object) ?? 0) + length);
  return live;
}

/**
 * Copies blocks out of objects of which little is still in use, the emptiest first, so that those objects can be
 * deleted: what a partition keeps in S3 stays within a constant times its state, and each snapshot does a
 * bounded part of it. Blocks are copied as they are.
 * @returns the pages with their copied blocks; undefined where an object is gone
 */
export async function copyFromThinObjects(
  blobs: Blobs,
  pages: ReadonlyMap<string, readonly Page[]>,
  sizes: ReadonlyMap<string, number>,
  writtenBytes: number,
  append: (bytes: Uint8Array, chars: number) => BlockRef,
): Promise<ReadonlyMap<string, readonly Page[]> | undefined> {
  const thin = thinObjects(liveBytes(pages), sizes, Math.max(LEAST_COPIED, writtenBytes));
  if (thin.size === 0) return pages;
  const refs: BlockRef[] = [];
  for (const list of pages.values())
    for (const { chain } of list) for (const ref of chain) if (thin.has(ref.object)) refs.push(ref);
  const bytes = await readBlocks(blobs, refs);
  if (bytes === undefined) return undefined;
  const copies = new Map(refs.map((ref) => [ref, append(bytes.get(ref) ?? new Uint8Array(), ref.chars)]));
  return new Map(
    [...pages].map(([operator, list]) => [
      operator,
      list.map((page) =>
        page.chain.some(({ object }) => thin.has(object))
          ? { ...page, chain: page.chain.map((ref) => copies.get(ref) ?? ref) }
          : page,
      ),
    ]),
  );
}

function thinObjects(
  live: ReadonlyMap<string, number>,
  sizes: ReadonlyMap<string, number>,
  most: number,
): Set<string> {
  const objects = [...live]
    .filter(([object]) => object !== THIS_OBJECT)
    .map(([object, used]) => ({ object, used, size: sizes.get(object) ?? used }))
    .sort((a, b) => a.used / a.size - b.used / b.size);
  const used = objects.reduce((n, object) => n + object.used, 0);
  let kept = objects.reduce((n, { size }) => n + size, 0);
  let count = objects.length;
  let copied = 0;
  const thin = new Set<string>();
  const byUse = count > MOST_OBJECTS ? objects.toSorted((a, b) => a.used - b.used) : objects;
  for (const object of byUse) {
    if (kept <= MOST_DEAD * used + DEAD_ALLOWED && count <= MOST_OBJECTS) break;
    copied += object.used;
    if (copied > most && thin.size > 0) break;
    thin.add(object.object);
    kept -= object.size;
    count -= 1;
  }
  return thin;
}
