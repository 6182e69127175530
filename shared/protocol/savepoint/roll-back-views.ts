import type { ViewRow } from "../../operators/outputs.ts";
import type { StagePlan } from "../../plan/plan.ts";
import { sortableKey } from "../../state/key-order.ts";
import { appendTo } from "../../state/lists.ts";
import { decodeEntry, type Entry } from "../entry.ts";
import type { Environment } from "../environment.ts";
import type { LogItem, PartitionId } from "../ports.ts";
import { readAgain } from "../read-again.ts";
import type { Savepoint } from "./manifest.ts";

/** Rows of views as they were at a savepoint, where entries after it have changed them. */
export type RolledBack = {
  readonly views: Entry["views"];
  /** Rows that changed, and of which no entry says any more what they were at the savepoint: they stay as they are. */
  readonly unknown: number;
  /** Entries after the savepoint that are gone: rows that none but they have written stay, and are not counted. */
  readonly gone?: number;
};

const NOTHING: RolledBack = { views: [], unknown: 0 };

/** Entries that are read at a time. */
const CHUNK = 500;

/**
 * Works out of the logs which rows entries after a savepoint have written, and what stood there before: what the last
 * entry up to the savepoint wrote, or nothing where the log has all entries from its first on.
 * @param epoch - the one that begins; entries of those from the savepoint's on up to it count no more
 */
export async function rolledBackViews(
  env: Pick<Environment, "log" | "compression">,
  savepoint: Savepoint,
  { id: stage, operators }: StagePlan,
  partition: number,
  epoch: number,
): Promise<RolledBack> {
  if (!operators.some(({ kind }) => kind === "sink")) return NOTHING;
  const cut = savepoint.stages.find(({ plan }) => plan.id === stage)?.partitions[partition]?.v ?? 0;
  const changed = new Map<string, readonly [view: string, row: ViewRow]>();
  let missing = 0;
  for (let of = savepoint.epoch; of < epoch; of += 1) {
    // a later epoch may have begun with an older savepoint, and so at a lower version
    const after = of === savepoint.epoch ? cut : 0;
    let next = after + 1;
    for await (const items of chunksAfter(env, { stage, partition, epoch: of }, after)) {
      missing += (items[0]?.v ?? next) - next;
      next = (items.at(-1)?.v ?? next - 1) + 1;
      for (const [name, view, row] of rowsOf(env, items)) changed.set(name, [view, row]);
    }
  }
  const gone = missing > 0 ? { gone: missing } : {};
  if (changed.size === 0) return { ...NOTHING, ...gone };

  const views = new Map<string, ViewRow[]>();
  let first = cut + 1;
  for await (const items of chunksUpTo(env, { stage, partition, epoch: savepoint.epoch }, cut)) {
    first = items[0]?.v ?? first;
    const before = new Map(rowsOf(env, items).map(([name, view, row]) => [name, [view, row] as const]));
    for (const [name, [view, row]] of before) if (changed.delete(name)) appendTo(views, view, row);
    if (changed.size === 0) break;
  }
  // the logs of a later epoch begin with what was restored, which does not say what it once gave
  const unknown = savepoint.epoch === 0 && first === 1 ? 0 : changed.size;
  if (unknown === 0)
    for (const [view, [key, sort]] of changed.values()) appendTo(views, view, [key, sort, undefined]);
  return { views: [...views], unknown, ...gone };
}

function rowsOf(
  { compression }: Pick<Environment, "compression">,
  items: readonly LogItem[],
): (readonly [name: string, view: string, row: ViewRow])[] {
  return items.flatMap(({ body }) =>
    decodeEntry(body, compression).views.flatMap(([view, rows]) =>
      rows.map((row) => {
        const name = JSON.stringify([view, sortableKey(row[0]), sortableKey(row[1])]);
        return [name, view, row] as const;
      }),
    ),
  );
}

/** What is gone is all before some entry, and was in a snapshot: up to there a chunk may be empty, and others follow. */
async function* chunksAfter(
  { log }: Pick<Environment, "log">,
  id: PartitionId,
  v: number,
): AsyncGenerator<readonly LogItem[]> {
  const snapshot = await readAgain(() => log.snapshot(id));
  for (let from = v; ; from += CHUNK) {
    const items = await readAgain(() => log.readAfter(id, from, from + CHUNK));
    yield items;
    if (items.length < CHUNK && from + CHUNK >= (snapshot?.v ?? 0)) return;
  }
}

/** The newest first; each chunk in its order. */
async function* chunksUpTo(
  { log }: Pick<Environment, "log">,
  id: PartitionId,
  v: number,
): AsyncGenerator<readonly LogItem[]> {
  for (let to = v; to > 0; to -= CHUNK) {
    const items = await readAgain(() => log.readAfter(id, Math.max(0, to - CHUNK), to));
    yield items;
    if (items.length < CHUNK) return;
  }
}
