import type { EventInfo, Key } from "../events/event.ts";
import { BEGINNING_OF_TIME, type EpochMs } from "../time/time.ts";
import type { TimeState } from "./time-state.ts";

/**
 * What surrounds the event that is being folded. One object per fold, changed in place: an event costs
 * no allocation here.
 */
export class EventContext implements EventInfo {
  /** The event's own id, its number in the record where it has none, or what makes the id. */
  ownId: string | number | (() => string) = "";
  declare readonly id: string;
  time: EpochMs = BEGINNING_OF_TIME;
  key: Key = "";

  /** All timers up to here have fired; no window that ends up to here, lateness included, is open. */
  watermark: EpochMs = BEGINNING_OF_TIME;

  /** The timers that are firing do so since the input has ended: to what they set, no end would come. */
  ending = false;

  /** Event time of the input that is being folded, whatever is made of it meanwhile. */
  inputTime: EpochMs = BEGINNING_OF_TIME;

  /** The highest event time that was seen. */
  streamTime: EpochMs = BEGINNING_OF_TIME;

  /** The highest time stamped on an input, that of the record at hand included: it does not go back. */
  processingTime: EpochMs = BEGINNING_OF_TIME;

  /** The record that is being folded: `<shard or channel>:<sequence number or counter>`. */
  record = "";

  /** The event's place in its record. */
  index = 0;

  constructor() {
    // most ids are never asked for; a property of the object itself, so that a copy of it has one
    Object.defineProperty(this, "id", { enumerable: true, get: idOf });
  }

  /** Before any event of a record. */
  reset({ watermark, streamTime, processingTime }: TimeState): void {
    this.ownId = "";
    this.time = BEGINNING_OF_TIME;
    this.key = "";
    this.watermark = watermark;
    this.inputTime = BEGINNING_OF_TIME;
    this.streamTime = streamTime;
    this.processingTime = processingTime;
    this.record = "";
    this.index = 0;
  }

  /** Runs `emit` as if an event with this id, time and key were being folded. */
  within(id: () => string, time: EpochMs, key: Key, emit: () => void): void {
    const { ownId: oldId, time: oldTime, key: oldKey } = this;
    this.ownId = id;
    this.time = time;
    this.key = key;
    emit();
    this.ownId = oldId;
    this.time = oldTime;
    this.key = oldKey;
  }
}

function idOf(this: EventContext): string {
  const { ownId } = this;
  if (typeof ownId === "string") return ownId;
  return typeof ownId === "number" ? `${this.record}#${ownId}` : ownId();
}
