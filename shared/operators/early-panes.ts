import type { EventInfo } from "../events/event.ts";
import { compareKeys } from "../state/key-order.ts";
import { appendTo } from "../state/lists.ts";
import type { Wakes } from "../state/page.ts";
import { type DurationMs, END_OF_TIME, type EpochMs } from "../time/time.ts";
import type { Cell } from "./cell.ts";
import type { Host } from "./host.ts";
import type { ClockTimers } from "./operator.ts";
import { earlyEvery, type Trigger } from "./trigger.ts";

/** When cells are shown before the watermark shows them: by the event at hand, by their number, or by a clock. */
export class EarlyPanes implements ClockTimers {
  readonly #host: Host;
  readonly #everyEvents: number;
  readonly #everyMs: DurationMs | undefined;
  /** Whether the interval is one of processing time, and not of stream time. */
  readonly wakesByProcessingTime: boolean;
  readonly #when: ((value: unknown, info: EventInfo) => boolean) | undefined;
  readonly #show: (cell: Cell) => void;
  /** Whether the event at hand is one for which `when` is true. */
  #now = false;
  /** Cells with new events, by the stream time, or the processing time, at which they are to be shown, and that time of each. */
  readonly #waiting = new Map<EpochMs, Cell[]>();
  #awaited = new WeakMap<Cell, EpochMs>();

  /** @param show - shows a cell now, and calls `shown` */
  constructor(host: Host, trigger: Trigger<unknown>, show: (cell: Cell) => void) {
    this.#host = host;
    this.#show = show;
    const { early } = trigger;
    this.#everyEvents =
      typeof early === "object" && "events" in early ? early.events : Number.POSITIVE_INFINITY;
    const interval = earlyEvery(trigger);
    this.#everyMs = interval?.every;
    this.wakesByProcessingTime = interval?.clock === "processing";
    this.#when = typeof early === "object" && "when" in early ? early.when : undefined;
  }

  /** Looks at the event at hand. Throws what the user's function throws. */
  look(value: unknown): void {
    if (this.#when !== undefined) this.#now = this.#when(value, this.#host.context);
  }

  /** Looks at what stands for several events, for which nobody's function is asked. */
  lookAtCombined(): void {
    this.#now = false;
  }

  /**
   * The event at hand was added to the cell: shows it, or has it wait.
   * @param isFirst - whether it is the first since the last pane
   */
  take(cell: Cell, isFirst: boolean): void {
    if (this.#now || cell.pending >= this.#everyEvents) this.#show(cell);
    else if (isFirst) this.await(cell);
  }

  /** Shows the cell at the next multiple of the interval. */
  await(cell: Cell): void {
    if (this.#everyMs === undefined) return;
    const { streamTime, inputTime, processingTime } = this.#host.context;
    const now = this.wakesByProcessingTime ? processingTime : Math.max(streamTime, inputTime);
    this.#awaitAt(cell, nextMultiple(this.#everyMs, now));
  }

  #awaitAt(cell: Cell, at: EpochMs): void {
    const { node, processingTimers, streamTimers } = this.#host;
    this.#awaited.set(cell, at);
    appendTo(this.#waiting, at, cell);
    (this.wakesByProcessingTime ? processingTimers : streamTimers).arm(node, at);
  }

  /** The cell was shown: it waits for nothing. */
  shown(cell: Cell): void {
    this.#awaited.delete(cell);
  }

  /** What a cell waits for, the one that it becomes part of waits for, unless it does already. */
  inherit(into: Cell, from: Cell): void {
    const at = this.#awaited.get(from);
    if (at !== undefined && !this.#awaited.has(into)) this.#awaitAt(into, at);
  }

  /** For which stream time, and which processing time, a cell with so many new events must be in memory. */
  dues(pending: number): Pick<Wakes, "streamDue" | "processingDue"> {
    const { streamTime, processingTime } = this.#host.context;
    if (this.wakesByProcessingTime)
      return { streamDue: END_OF_TIME, processingDue: this.#due(pending, processingTime) };
    return { streamDue: this.#due(pending, streamTime) };
  }

  #due(pending: number, now: EpochMs): EpochMs {
    return pending === 0 || this.#everyMs === undefined ? END_OF_TIME : nextMultiple(this.#everyMs, now);
  }

  onStreamTimer(time: EpochMs): void {
    this.#showWaiting(time);
  }

  onProcessingTimer(time: EpochMs): void {
    this.#showWaiting(time);
  }

  /** Whether a cell still waits for `time`; where none does, it is forgotten that some did. */
  awaitsProcessingTime(time: EpochMs): boolean {
    const awaited = this.#waiting.get(time)?.some((cell) => this.#isAwaited(cell, time)) ?? false;
    if (!awaited) this.#waiting.delete(time);
    return awaited;
  }

  #isAwaited(cell: Cell, at: EpochMs): boolean {
    return !cell.gone && this.#awaited.get(cell) === at;
  }

  /** Shows the cells that wait for `at`, by start, end and key. */
  #showWaiting(at: EpochMs): void {
    const waiting = this.#waiting.get(at) ?? [];
    this.#waiting.delete(at);
    waiting.sort((a, b) => a.start - b.start || a.end - b.end || compareKeys(a.key, b.key));
    for (const cell of waiting) if (this.#isAwaited(cell, at)) this.#show(cell);
  }

  /** After a rollback or recovery: nothing is awaited. */
  reset(): void {
    this.#waiting.clear();
    this.#awaited = new WeakMap();
  }
}

const nextMultiple = (of: DurationMs, after: number): EpochMs =>
  ((Math.floor(after / of) + 1) * of) as EpochMs;
