import type { Key, WireEvent } from "../events/event.ts";
import type { EpochMs } from "../time/time.ts";

/** A record as an event source mapping delivers it. */
export type InRecord = {
  readonly shard: string;
  /** Decimal digits, compared as a whole number, within its shard only. */
  readonly sequence: string;
  readonly partitionKey: string;
  readonly arrivedAt: EpochMs;
  readonly data: Uint8Array;
};

/** What one record holds for one partition, decoded. */
export type Piece = {
  readonly partition: number;
  /** The source that orders it, and its place there; undefined position: its shard and sequence number. */
  readonly record: InRecord;
  readonly sentAt: EpochMs;
  readonly content: Content;
};

export type Content =
  /** `refused`: lines of a raw record that are no events; they are settled together with their neighbours. */
  | {
      readonly kind: "events";
      readonly events: readonly WireEvent[];
      /** Of each event its key, where it was read with it; else the payload has what the key is made of. */
      readonly keys?: readonly Key[];
      readonly refused?: readonly Refused[];
    }
  | {
      readonly kind: "rows";
      readonly channel: string;
      readonly counter: number;
      readonly watermark: EpochMs;
      readonly rows: readonly (readonly [edge: number, key: Key, time: EpochMs, value: unknown])[];
    }
  | { readonly kind: "tick" }
  | { readonly kind: "end" }
  /** What could not be read: it becomes a failed event of the stage. */
  | ({ readonly kind: "poison" } & Refused);

/** What is no event, and why. */
export type Refused = { readonly payload: unknown; readonly error: unknown };

/** Names a piece's source and place: the position that is saved, and the text that errors show. */
export function placeOf({ record, content }: Piece): readonly [source: string, at: string | number] {
  return content.kind === "rows" ? [content.channel, content.counter] : [record.shard, record.sequence];
}
