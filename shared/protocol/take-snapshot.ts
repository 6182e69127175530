import type { Stage } from "../operators/stage.ts";
import { encodeValue } from "../state/codec.ts";
import type { BlockRef, Page } from "../state/page.ts";
import { stampOf } from "../state/stamp.ts";
import { copyFromThinObjects, liveBytes } from "./copy-blocks.ts";
import type { Environment } from "./environment.ts";
import type { PartitionId, SnapshotRef } from "./ports.ts";
import type { Replica } from "./replica.ts";
import { encodeSnapshot, snapshotKey, THIS_OBJECT } from "./snapshot.ts";
import { writePages } from "./write-pages.ts";

/** Characters at which a page ends: some thousand bytes of S3's, and some hundred windows. */
const PAGE_CHARS = 32 * 1024;

/**
 * Writes what changed since the snapshot that the replica stands on, and an index of where everything stands,
 * as one object. The pointer moves once it is there.
 * @returns false where an object of the snapshot before is gone: the replica is out of date
 */
export async function takeSnapshot(
  stage: Stage,
  id: PartitionId,
  env: Environment,
  replica: Replica,
  unused: NonNullable<SnapshotRef["unused"]>,
): Promise<boolean> {
  const { fold, inbox, channels, v } = replica;
  const { pageChars = PAGE_CHARS } = env.state ?? {};
  const blocks: Uint8Array[] = [];
  let offset = 0;
  const append = (bytes: Uint8Array, chars: number): BlockRef => {
    const ref = { object: THIS_OBJECT, offset, length: bytes.length, chars };
    blocks.push(bytes);
    offset += bytes.length;
    return ref;
  };
  const sink = (text: string): BlockRef =>
    append(env.compression.compress(new TextEncoder().encode(text)), text.length);

  const { watermark } = fold.sealed.time;
  const unpaged = writeUnpaged(fold.unpaged(), pageChars, sink);
  let pages: ReadonlyMap<string, readonly Page[]> = new Map(
    [...fold.paged].map((part) => [part.id, writePages(part, watermark, v, { pageChars }, sink)]),
  );
  const copied = await copyFromThinObjects(env.blobs, pages, replica.objects, offset, append);
  if (copied === undefined) return false;
  pages = copied;

  const objects = new Map([[THIS_OBJECT, offset]]);
  for (const object of liveBytes(pages).keys())
    if (object !== THIS_OBJECT) objects.set(object, replica.objects.get(object) ?? 0);
  const head = { positions: inbox.positions, ...fold.sealed, channels, fingerprint: stampOf(stage) };
  const { bytes, blocksAt } = encodeSnapshot({ head, unpaged, pages, objects }, blocks, env.compression);
  const key = snapshotKey(id, v, env.nonce());
  await env.blobs.put(key, bytes);
  await env.log.recordSnapshot(id, { v, key, unused });

  fold.written(placed(pages, key, blocksAt));
  objects.delete(THIS_OBJECT);
  objects.set(key, offset);
  replica.standOn(key, objects, bytes.length);
  return true;
}

function writeUnpaged(
  changes: Iterable<unknown>,
  blockChars: number,
  sink: (text: string) => BlockRef,
): BlockRef[] {
  const refs: BlockRef[] = [];
  let texts: string[] = [];
  let chars = 0;
  const cut = (): void => {
    if (texts.length > 0) refs.push(sink(`[${texts.join(",")}]`));
    texts = [];
    chars = 0;
  };
  for (const change of changes) {
    const text = encodeValue(change);
    texts.push(text);
    chars += text.length + 1;
    if (chars >= blockChars) cut();
  }
  cut();
  return refs;
}

/** The pages, their new blocks at the place where they stand now. */
function placed(
  pages: ReadonlyMap<string, readonly Page[]>,
  key: string,
  blocksAt: number,
): ReadonlyMap<string, readonly Page[]> {
  const place = (ref: BlockRef): BlockRef =>
    ref.object === THIS_OBJECT ? { ...ref, object: key, offset: ref.offset + blocksAt } : ref;
  return new Map(
    [...pages].map(([operator, list]) => [
      operator,
      list.map((page) =>
        page.chain.some(({ object }) => object === THIS_OBJECT)
          ? { ...page, chain: page.chain.map(place) }
          : page,
      ),
    ]),
  );
}
