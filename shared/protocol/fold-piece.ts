import type { Key, WireEvent } from "../events/event.ts";
import { project } from "../json/paths.ts";
import { checkedKey } from "../operators/checked-key.ts";
import type { Fold } from "../operators/fold.ts";
import { type Piece, placeOf } from "./record.ts";

/** Folds what one record holds for this partition. */
export function foldPiece(fold: Fold, piece: Piece): void {
  const { content, sentAt } = piece;
  const { input, id } = fold.stage;
  const [source, at] = placeOf(piece);
  fold.record(`${source}:${at}`, sentAt);
  switch (content.kind) {
    case "events": {
      if (input.kind !== "source") return;
      fold.active();
      const { key, outOfOrder, reads } = input;
      const { events, keys } = content;
      for (let i = 0; i < events.length; i += 1) {
        const [eventId, time, payload] = events[i] as WireEvent;
        let ofEvent: Key;
        try {
          ofEvent = keys === undefined ? checkedKey(key(payload), id) : (keys[i] as Key);
        } catch (thrown) {
          fold.reject(id, payload, thrown, time);
          continue;
        }
        fold.event(eventId, time, ofEvent, project(payload, reads), outOfOrder);
      }
      for (const { payload, error } of content.refused ?? []) fold.reject(id, payload, error);
      return;
    }
    case "rows":
      for (const [edge, key, time, value] of content.rows) fold.row(edge, key, time, value);
      fold.channelWatermark(content.channel, content.watermark);
      return;
    case "tick":
      fold.tick(sentAt);
      return;
    case "end":
      fold.end();
      return;
    case "poison":
      fold.reject(id, content.payload, content.error);
  }
}
