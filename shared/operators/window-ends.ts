import type { DurationMs, EpochMs } from "../time/time.ts";
import type { Cell } from "./cell.ts";
import type { Host } from "./host.ts";
import type { Panes } from "./panes.ts";

/** The open windows of an operator, each with the cells of all keys. */
type OpenWindows<W> = {
  /** The one that starts then, where it is open. */
  readonly at: (start: EpochMs) => W | undefined;
  /** The cells in it, by key. */
  readonly cellsOf: (window: W) => Iterable<Cell>;
  /** Closes it. */
  readonly drop: (window: W) => void;
};

/**
 * Ends windows of one size, each for all keys at once.
 *
 * ```
 *  start          end                 end + allowedLateness
 *    ├── events ───┼── late panes ──────┤ state goes; from here events are late output
 *                  └ on-time pane, when the watermark gets here
 * ```
 */
export class WindowEnds<W> {
  readonly #host: Host;
  readonly #panes: Panes;
  readonly #size: DurationMs;
  readonly #lateness: DurationMs;
  readonly #windows: OpenWindows<W>;

  constructor(
    host: Host,
    panes: Panes,
    bounds: { readonly size: DurationMs; readonly lateness: DurationMs },
    windows: OpenWindows<W>,
  ) {
    this.#host = host;
    this.#panes = panes;
    this.#size = bounds.size;
    this.#lateness = bounds.lateness;
    this.#windows = windows;
  }

  /** Arms the timer of a window: for its end or, where that is over, for when its state goes. */
  arm(start: EpochMs): void {
    const { timers, node, context } = this.#host;
    const end = (start + this.#size) as EpochMs;
    timers.arm(node, end > context.watermark ? end : ((end + this.#lateness) as EpochMs));
  }

  onTimer(time: EpochMs): void {
    if (this.#lateness > 0) this.#show(time);
    const expired = this.#windows.at((time - this.#size - this.#lateness) as EpochMs);
    if (expired === undefined) return;
    const shown = this.#lateness === 0 ? this.#windows.cellsOf(expired) : [];
    this.#windows.drop(expired);
    for (const cell of shown) if (this.#panes.hasOnTimePane(cell)) this.#panes.emit(cell, "on-time");
  }

  /** Shows what is in the window that ends then, and stays for late events. */
  #show(end: EpochMs): void {
    const window = this.#windows.at((end - this.#size) as EpochMs);
    if (window === undefined) return;
    for (const cell of this.#windows.cellsOf(window))
      if (this.#panes.hasOnTimePane(cell)) this.#panes.fire(cell, "on-time");
    this.#host.timers.arm(this.#host.node, (end + this.#lateness) as EpochMs);
  }

  /** Whether something that lies unread may be in the window that starts then. */
  isOpen(start: EpochMs): boolean {
    return start + this.#size + this.#lateness > this.#host.context.watermark;
  }
}
