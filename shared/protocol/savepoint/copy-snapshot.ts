import type { Compression } from "../../frames/compression.ts";
import type { BlockRef, Page } from "../../state/page.ts";
import type { Blobs } from "../ports.ts";
import { readBlocks } from "../read-blocks.ts";
import { decodeSnapshot, encodeSnapshot, indexEnd, THIS_OBJECT } from "../snapshot.ts";

/**
 * A snapshot with all its blocks in one object, so that it needs no other; the same bytes under any key. State is not
 * looked into: what it means is no matter here. All of it is in memory meanwhile, compressed.
 * @returns undefined where an object that it refers to is gone
 */
export async function copyOfSnapshot(
  blobs: Blobs,
  key: string,
  compression: Compression,
): Promise<Uint8Array | undefined> {
  const bytes = await blobs.get(key);
  // one of the first format is whole as it is
  if (bytes === undefined || indexEnd(bytes) === undefined) return bytes;
  const { head, unpaged, pages } = decodeSnapshot(key, bytes, compression);
  const refs = [...unpaged, ...[...pages.values()].flatMap((list) => list.flatMap(({ chain }) => chain))];
  const read = await readBlocks(blobs, refs, { object: key, bytes });
  if (read === undefined) return undefined;
  const blocks: Uint8Array[] = [];
  let offset = 0;
  const copied = (ref: BlockRef): BlockRef => {
    const block = read.get(ref) ?? new Uint8Array();
    blocks.push(block);
    offset += block.length;
    return { ...ref, object: THIS_OBJECT, offset: offset - block.length };
  };
  const whole = {
    head,
    unpaged: unpaged.map(copied),
    pages: new Map(
      [...pages].map(([operator, list]) => [
        operator,
        list.map((page): Page => ({ ...page, chain: page.chain.map(copied) })),
      ]),
    ),
  };
  const objects = new Map([[THIS_OBJECT, offset]]);
  return encodeSnapshot({ ...whole, objects }, blocks, compression).bytes;
}
