import type { EventInfo, Key } from "../events/event.ts";
import { BEGINNING_OF_TIME, type EpochMs } from "../time/time.ts";

/**
 * What surrounds the event that is being folded. One object per fold, changed in place: an event costs
 * no allocation here.
 */
export class EventContext implements EventInfo {
  id = "";
  time: EpochMs = BEGINNING_OF_TIME;
  key: Key = "";

  /** All timers up to here have fired; no window that ends up to here, lateness included, is open. */
  watermark: EpochMs = BEGINNING_OF_TIME;

  /** Event time of the input that is being folded, whatever is made of it meanwhile. */
  inputTime: EpochMs = BEGINNING_OF_TIME;

  /** The highest event time that was seen. */
  streamTime: EpochMs = BEGINNING_OF_TIME;

  /** The record that is being folded: `<shard or channel>:<sequence number or counter>`. */
  record = "";

  /** The event's place in its record. */
  index = 0;

  /** Runs `emit` as if an event with this id, time and key were being folded. */
  within(id: string, time: EpochMs, key: Key, emit: () => void): void {
    const { id: oldId, time: oldTime, key: oldKey } = this;
    this.id = id;
    this.time = time;
    this.key = key;
    emit();
    this.id = oldId;
    this.time = oldTime;
    this.key = oldKey;
  }
}
