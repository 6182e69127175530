import type { WireRow } from "../../../../shared/frames/frame.ts";
import { rowsKept } from "../../../../shared/operators/lookup/looked-up.ts";
import type { Entry } from "../../../../shared/protocol/entry.ts";
import type { Piece } from "../../../../shared/protocol/record.ts";
import { placeOf } from "../../../../shared/protocol/record.ts";
import type { Commit, History, Input, SentRow } from "../../../reference/history.ts";
import { combinedFor, eventsIn } from "./combined.ts";
import type { Order } from "./replay.ts";

/**
 * What each partition took, as the reference reads it. Of an entry that is what it took of its batch, which rows are in
 * which of its frames, and what it looked up; what the entry says of results is not looked at.
 */
export const historyOf = (order: Order): History =>
  new Map(
    [...order].map(([stage, partitions]) => [
      stage.id,
      partitions.map((entries) =>
        entries.map(({ item, pieces }) => ({
          inputs: pieces.map(inputOf),
          frames: framesOf(item.entry, combinedFor([stage])),
          lookedUp: lookedUpIn(item.entry),
        })),
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

const lookedUpIn = ({ lookedUp = [] }: Entry): NonNullable<Commit["lookedUp"]> =>
  lookedUp.flatMap(([table, keys]) => keys.map(([key, ...rows]) => ({ table, key, rows: rowsKept(rows) })));

const framesOf = ({ frames }: Entry, combined: ReadonlySet<string>): Commit["frames"] =>
  frames.map(([stage, to, counter, , rows]) => ({
    stage,
    to,
    counter,
    rows: rows.map((row) => sentRow(row, combined.has(stage))),
  }));

function sentRow(row: WireRow, isCombined: boolean): SentRow {
  const [, key, time, value] = row;
  const events = isCombined ? eventsIn(row) : undefined;
  if (events === undefined) return { key, time, value };
  return { key, time, events, from: (value as { readonly from?: number }).from };
}
