import type { Entry } from "../../../../shared/protocol/entry.ts";
import type { Piece } from "../../../../shared/protocol/record.ts";
import { placeOf } from "../../../../shared/protocol/record.ts";
import type { Commit, History, Input } from "../../../reference/history.ts";
import type { Order } from "./replay.ts";

/**
 * What each partition took, as the reference reads it. Of an entry that is what it took of its batch, and how many rows
 * each of its frames has; what the entry says of results is not looked at.
 */
export const historyOf = (order: Order): History =>
  new Map(
    [...order].map(([{ id }, partitions]) => [
      id,
      partitions.map((entries) =>
        entries.map(({ item, pieces }) => ({ inputs: pieces.map(inputOf), frames: framesOf(item.entry) })),
      ),
    ]),
  );

function inputOf(piece: Piece): Input {
  const { content, sentAt } = piece;
  const position = placeOf(piece).join(":");
  switch (content.kind) {
    case "events":
      return {
        position,
        sentAt,
        kind: "events",
        events: content.events,
        keys: content.keys,
        refused: content.refused ?? [],
      };
    case "rows": {
      const slash = content.channel.lastIndexOf("/");
      return {
        position,
        sentAt,
        kind: "frame",
        stage: content.channel.slice(0, slash),
        from: Number(content.channel.slice(slash + 1)),
        counter: content.counter,
      };
    }
    default:
      return { position, sentAt, ...content };
  }
}

const framesOf = ({ frames }: Entry): Commit["frames"] =>
  frames.map(([stage, to, counter, , rows]) => ({ stage, to, counter, rows: rows.length }));
