import type { Stage } from "../../../../shared/operators/stage.ts";
import { decodeRecord } from "../../../../shared/protocol/decode-record.ts";
import { type Piece, placeOf } from "../../../../shared/protocol/record.ts";
import type { Committed } from "../ledger.ts";
import type { World } from "../world.ts";

/** A partition's log, each entry with the input that it took: the order that was in fact committed. */
export type TakenEntry = { readonly item: Committed; readonly pieces: readonly Piece[] };

/** Works out of its positions what each entry took of the batch that it was made of. */
export async function takenBy(world: World, stage: Stage, partition: number): Promise<TakenEntry[]> {
  const taken: TakenEntry[] = [];
  let before: ReadonlyMap<string, string | number> = new Map();
  for (const item of world.ledger.entries(stage.id, partition)) {
    const after = new Map(item.entry.positions);
    const pieces: Piece[] = [];
    const reached = new Map(before);
    for (const record of world.attempts.get(item.nonce)?.records ?? [])
      for (const piece of await decodeRecord(stage, record, world.plain.compression, item.epoch)) {
        const [source, at] = placeOf(piece);
        if (piece.partition !== partition || !isBehind(reached.get(source), at)) continue;
        if (isBehind(after.get(source), at)) continue;
        reached.set(source, at);
        pieces.push(piece);
      }
    taken.push({ item, pieces });
    before = after;
  }
  return taken;
}

/** Whether a position is behind a place: nothing is behind all. */
const isBehind = (position: string | number | undefined, at: string | number): boolean =>
  position === undefined || BigInt(position) < BigInt(at);
