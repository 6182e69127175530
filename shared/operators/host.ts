import type { Key } from "../events/event.ts";
import type { Journal } from "../state/journal.ts";
import type { Timers } from "../state/timers.ts";
import type { EventContext } from "./context.ts";
import type { Push } from "./operator.ts";

/** What a stateful operator is given by the fold it runs in. */
export type Host = {
  readonly pipeline: string;
  /** The operator's id in the pipeline. */
  readonly id: string;
  /** Its place in the order of the stage's operators. */
  readonly node: number;
  readonly context: EventContext;
  readonly journal: Journal;
  /** Timers of the watermark. */
  readonly timers: Timers;
  /** Timers of stream time. */
  readonly streamTimers: Timers;
  /** Timers of processing time, and what is cleared away by it. */
  readonly processingTimers: Timers;
  readonly processingSweeps: Timers;
  readonly emit: Push;
  readonly late: Push;
  /**
   * Asks for the page of a place at which the operator found nothing, before it takes it for empty. False where the page
   * is not in memory: the batch will be taken back, and nothing that comes of the place counts.
   */
  readonly need: (group: number, key: Key) => boolean;
  /** A user function threw: the value becomes a failed event, by the operator's policy. */
  readonly fail: (value: unknown, thrown: unknown) => void;
  /** True where this batch is folded again because an `add` or `merge` threw or a value could not be kept. */
  readonly careful: () => boolean;
};
