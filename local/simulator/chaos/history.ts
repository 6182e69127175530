import type { Compression } from "../../../shared/frames/compression.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import type { Planned } from "../../../shared/plan/planner.ts";
import { decodeRecord } from "../../../shared/protocol/decode-record.ts";
import { decodeEntry, type Entry } from "../../../shared/protocol/entry.ts";
import type { InRecord, Piece } from "../../../shared/protocol/record.ts";
import type { Commit, History, Input } from "../../reference/history.ts";
import type { Committed } from "./commits.ts";

export type Recorded = {
  readonly planned: Planned;
  readonly commits: readonly Committed[];
  /** By the nonce of an entry: the batch that it was made of. */
  readonly batches: ReadonlyMap<string, readonly InRecord[]>;
  readonly compression: Compression;
};

/**
 * What each partition took, read from all that its log ever held. Of an entry it takes the positions, which say how much
 * of the batch it took, and how many rows each of its frames has; what the entry says of results is not looked at.
 */
export async function historyOf({ planned, commits, batches, compression }: Recorded): Promise<History> {
  const history = new Map<string, Commit[][]>();
  for (const stage of planned.stages.values()) {
    const partitions: Commit[][] = [];
    history.set(stage.id, partitions);
    for (let partition = 0; partition < stage.partitions; partition += 1) {
      const mine = commits.filter(({ log }) => log === `${stage.id}#${partition}#0`);
      const reached = new Map<string, string | number>();
      const read: Commit[] = [];
      for (const { nonce, body } of mine) {
        const entry = decodeEntry(body, compression);
        const pieces = await piecesOf(stage, partition, batches.get(nonce) ?? [], compression);
        read.push({ inputs: takenBy(entry, reached, pieces), frames: framesOf(entry) });
      }
      partitions.push(read);
    }
  }
  return history;
}

async function piecesOf(
  stage: Stage,
  partition: number,
  batch: readonly InRecord[],
  compression: Compression,
): Promise<Piece[]> {
  const pieces = await Promise.all(batch.map((record) => decodeRecord(stage, record, compression)));
  return pieces.flat().filter((piece) => piece.partition === partition);
}

/** The pieces between the positions before the entry and those that it says, each once. */
function takenBy(
  { positions }: Entry,
  reached: Map<string, string | number>,
  pieces: readonly Piece[],
): Input[] {
  const upTo = new Map(positions);
  const inputs: Input[] = [];
  for (const piece of pieces) {
    const { content, record, sentAt } = piece;
    const [source, at] =
      content.kind === "rows" ? [content.channel, content.counter] : [record.shard, record.sequence];
    const last = upTo.get(source);
    if (last === undefined || BigInt(at) > BigInt(last)) continue;
    if (BigInt(at) <= BigInt(reached.get(source) ?? 0)) continue;
    reached.set(source, at);
    inputs.push({ position: `${source}:${at}`, sentAt, ...inputOf(content) });
  }
  return inputs;
}

type Told<T> = T extends unknown ? Omit<T, "position" | "sentAt"> : never;

function inputOf(content: Piece["content"]): Told<Input> {
  switch (content.kind) {
    case "events":
      return {
        kind: "events",
        events: content.events,
        keys: content.keys,
        refused: content.refused ?? [],
      };
    case "rows": {
      const slash = content.channel.lastIndexOf("/");
      return {
        kind: "frame",
        stage: content.channel.slice(0, slash),
        from: Number(content.channel.slice(slash + 1)),
        counter: content.counter,
      };
    }
    default:
      return content;
  }
}

const framesOf = ({ frames }: Entry): Commit["frames"] =>
  frames.map(([stage, to, counter, , rows]) => ({ stage, to, counter, rows: rows.length }));
