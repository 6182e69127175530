import type { Key } from "../../events/event.ts";
import type { EpochMs } from "../../time/time.ts";

/** Under which the log keeps a key's timers among its states, whose names are not empty; and their number. */
export const TIMERS_NAME = "";
export const TIMERS = 0;

/** What the name of a timer of processing time begins with; of event time it is the time itself. */
const PROCESSING = "p";

export const processingName = (time: EpochMs): string => `${PROCESSING}${time}`;

/** When a timer is due, and by which time, by the name under which it is kept. */
export const timerNamed = (
  name: Key,
): { readonly in: "event-time" | "processing-time"; readonly at: EpochMs } =>
  typeof name === "number"
    ? { in: "event-time", at: name as EpochMs }
    : { in: "processing-time", at: Number(name.slice(PROCESSING.length)) as EpochMs };
