import { MillraceError } from "../errors/millrace-error.ts";
import type { Wakes } from "../state/page.ts";
import { END_OF_TIME, type EpochMs } from "../time/time.ts";
import type { Cell, CompositeAggregate } from "./cell.ts";
import { type Partial, Partials } from "./combine/partial.ts";
import { EarlyPanes } from "./early-panes.ts";
import type { Host } from "./host.ts";
import { checkKeepable } from "./keepable.ts";
import type { Pane, Trigger } from "./trigger.ts";

/** A user's `add` or `merge` threw half-way: the batch must be taken back and folded with each event tried first. */
export class CarefulFoldNeeded extends Error {
  override readonly name = "CarefulFoldNeeded";
}

type PaneOptions = {
  /** How long after its end a window still takes events that are not late. @default 0 */
  readonly lingerMs?: number;
  /**
   * Notes a cell's content before its first change in a batch, for an operator that keeps cells in a way of its own and
   * knows itself which of them a batch touched.
   */
  readonly touch?: (cell: Cell) => void;
};

/** The accumulators of a window operator: adds events to cells, fires panes, notes what a batch touched. */
export class Panes {
  readonly #host: Host;
  readonly #aggregate: CompositeAggregate;
  readonly #partials: Partials;
  readonly #lingerMs: number;
  readonly #discarding: boolean;
  /** What shows cells before the watermark does, where the trigger asks for that. */
  readonly early: EarlyPanes | undefined;
  readonly #touch: ((cell: Cell) => void) | undefined;
  #dirty: Cell[] = [];

  constructor(
    host: Host,
    aggregate: CompositeAggregate,
    trigger: Trigger<unknown>,
    { lingerMs = 0, touch }: PaneOptions = {},
  ) {
    this.#lingerMs = lingerMs;
    this.#touch = touch;
    this.#host = host;
    this.#aggregate = aggregate;
    this.#partials = new Partials(aggregate.parts, lingerMs > 0);
    this.#discarding = trigger.accumulation === "discarding";
    this.early =
      trigger.early === undefined
        ? undefined
        : new EarlyPanes(host, trigger, (cell) => this.fire(cell, "early"));
  }

  create(key: Cell["key"], start: EpochMs, end: EpochMs): Cell {
    const cell: Cell = {
      key,
      start,
      end,
      accumulators: this.#aggregate.create(),
      versions: this.#aggregate.versions,
      panes: 0,
      pending: 0,
      batch: this.#host.journal.batch,
      gone: false,
      armedAt: undefined,
    };
    this.#dirty.push(cell);
    return cell;
  }

  /** Notes the cell's present content before its first change in this batch. */
  touch(cell: Cell): void {
    const { journal } = this.#host;
    if (cell.batch === journal.batch) return;
    if (this.#touch !== undefined) {
      this.#touch(cell);
      return;
    }
    const { start, end, accumulators, versions, panes, pending, batch, gone } = cell;
    const copy = this.#aggregate.clone(accumulators);
    journal.note(() =>
      Object.assign(cell, { start, end, accumulators: copy, versions, panes, pending, batch, gone }),
    );
    cell.batch = journal.batch;
    this.#dirty.push(cell);
  }

  /** Runs the user's selectors; false where one threw and the value became a failed event. */
  extract(value: unknown, into: unknown[]): boolean {
    try {
      this.#aggregate.extract(value, this.#host.context, into);
      this.early?.look(value);
      return true;
    } catch (thrown) {
      this.#host.fail(value, thrown);
      return false;
    }
  }

  /** Whether cells may hold what an earlier version of an aggregate kept. */
  get migrates(): boolean {
    return this.#aggregate.versions !== undefined;
  }

  /** The versions of a cell's accumulators as the log keeps them, or those of this code where they are the same. */
  versionsOf(kept: unknown): Cell["versions"] {
    return this.#aggregate.versionsOf(kept as Cell["versions"]);
  }

  /**
   * Brings what earlier versions kept in cells to the present one. False where that could not be, and the value became
   * a failed event: all of the cells then stay what they were.
   */
  migrate(cells: readonly Cell[], value: unknown): boolean {
    const stale = cells.filter((cell) => this.#isStale(cell));
    if (stale.length === 0) return true;
    let accumulators: Cell["accumulators"][];
    try {
      accumulators = stale.map((cell) => this.#migrated(cell));
    } catch (thrown) {
      this.#host.fail(value, thrown);
      return false;
    }
    for (const [i, cell] of stale.entries()) {
      this.touch(cell);
      cell.accumulators = accumulators[i] ?? [];
      cell.versions = this.#aggregate.versions;
    }
    return true;
  }

  #isStale({ versions }: Cell): boolean {
    return versions !== this.#aggregate.versions;
  }

  /** @throws MillraceError `STATE_MIGRATION` */
  #migrated(cell: Cell): Cell["accumulators"] {
    const { pipeline, id: operator, careful } = this.#host;
    return this.#aggregate.migrated(cell, { pipeline, operator, key: cell.key }, careful());
  }

  /**
   * Adds one event to copies of its windows, each the join of some cells or a new one. False where a user's
   * `add` or `merge` threw or gave what no log keeps, and the value became a failed event: it then leaves
   * every window as it was, its bounds too.
   */
  rehearse(windows: readonly (readonly Cell[])[], value: unknown, extracted: readonly unknown[]): boolean {
    try {
      for (const cells of windows) {
        const [into = this.#aggregate.create(), ...others] = cells.map(({ accumulators }) =>
          this.#aggregate.clone(accumulators),
        );
        const joined = others.reduce((a, b) => this.#aggregate.merge(a, b), into);
        this.#aggregate.add(joined, extracted, this.#host.context);
        checkKeepable(joined);
      }
      return true;
    } catch (thrown) {
      this.#host.fail(value, thrown);
      return false;
    }
  }

  /** Adds one event to one of its cells, then fires what is due. Where the fold is careful, it was rehearsed. */
  add(cell: Cell, extracted: readonly unknown[]): void {
    const { context } = this.#host;
    this.touch(cell);
    if (this.#aggregate.fallible)
      this.attempt(() => this.#aggregate.add(cell.accumulators, extracted, context));
    else this.#aggregate.add(cell.accumulators, extracted, context);
    cell.pending += 1;
    this.trigger(cell, cell.pending === 1);
  }

  /**
   * A row of partial results, where it is one of this operator's. It was not late when it was made.
   * @throws MillraceError `PARTIAL_UNKNOWN`, before anything has changed
   */
  partialOf(value: unknown, isLate: boolean): Partial {
    const partial = this.#partials.checked(value);
    this.early?.lookAtCombined();
    if (!isLate) return partial;
    throw new MillraceError(
      "PARTIAL_UNKNOWN",
      `operator "${this.#host.id}": a combined row for windows that are over`,
      { next: "dead-lettered" },
    );
  }

  /** Adds what was made of some events before the shuffle to one of their cells. */
  addPartial(cell: Cell, partial: Partial): void {
    this.touch(cell);
    this.takePartial(cell.accumulators, partial);
    const isFirst = cell.pending === 0;
    cell.pending += partial.n;
    this.trigger(cell, isFirst);
  }

  /** Adds it to the accumulators of a window. */
  takePartial(accumulators: Cell["accumulators"], partial: Partial): void {
    this.#partials.addTo(accumulators, partial, this.#host.context);
  }

  /** Runs the user's own steps on state that only a rollback can mend. */
  attempt(steps: () => void): void {
    try {
      steps();
    } catch (cause) {
      if (this.#host.careful()) throw cause;
      throw new CarefulFoldNeeded("an aggregate's add or merge threw", { cause });
    }
  }

  /**
   * Fires what is due for the event at hand, which was added to the cell.
   * @param isFirst - whether it is the first since the last pane
   */
  trigger(cell: Cell, isFirst: boolean): void {
    const { context } = this.#host;
    if (cell.end + this.#lingerMs <= context.watermark) this.fire(cell, "late");
    else if (this.early !== undefined) this.early.take(cell, isFirst);
  }

  /** When, by clocks other than the watermark, a cell with so many new events must be in memory. */
  dues(pending: number): Pick<Wakes, "streamDue" | "processingDue"> {
    return this.early?.dues(pending) ?? NOT_DUE;
  }

  /** Emits a pane of a cell that stays. */
  fire(cell: Cell, timing: Pane["timing"]): void {
    this.touch(cell);
    const read = this.emit(cell, timing);
    cell.panes += 1;
    cell.pending = 0;
    this.early?.shown(cell);
    // what could not be read is shown by the next pane, of code that can
    if (!this.#discarding || !read) return;
    cell.accumulators = this.#aggregate.create();
    cell.versions = this.#aggregate.versions;
  }

  /**
   * Whether the watermark's pane is due: with new events only when discarding, else always. A cell whose
   * every event failed never had one.
   */
  hasOnTimePane(cell: Cell): boolean {
    return cell.pending > 0 || (!this.#discarding && cell.panes > 0);
  }

  /**
   * Emits the cell's result and leaves the cell as it is. False where it holds what an earlier version kept and this
   * one cannot read: what was kept is then in the failed event.
   */
  emit(cell: Cell, timing: Pane["timing"]): boolean {
    const { context, id, emit, fail } = this.#host;
    const { key, start, end, panes } = cell;
    const time = (end - 1 + this.#lingerMs) as EpochMs;
    const paneId = (): string => `${id}/${key}/${start}/${panes}`;
    let accumulators: Cell["accumulators"] | undefined;
    let row: Record<string, unknown>;
    try {
      accumulators = this.#isStale(cell) ? this.#migrated(cell) : cell.accumulators;
      row = this.#aggregate.finish(accumulators);
    } catch (thrown) {
      const value = { key, window: { start, end }, accumulators: this.#aggregate.clone(cell.accumulators) };
      context.within(paneId, time, key, () => fail(value, thrown));
      return accumulators !== undefined;
    }
    row["key"] = key;
    row["window"] = { start, end };
    row["pane"] = { index: panes, timing };
    context.within(paneId, time, key, () => emit(row));
    return true;
  }

  /** What open windows of a key hold, as their next panes would show it. Those of which nothing would be shown are left out. */
  stateOf(cells: readonly Cell[]): unknown[] {
    return cells
      .filter((cell) => this.hasOnTimePane(cell))
      .map((cell) => ({
        ...this.#aggregate.finish(
          this.#isStale(cell) ? this.#migrated(cell) : this.#aggregate.clone(cell.accumulators),
        ),
        key: cell.key,
        window: { start: cell.start, end: cell.end },
      }));
  }

  /**
   * Takes back what was shown of a session that is about to change its bounds. Discarding panes stay true:
   * they are part of the larger session as they were of the smaller one.
   */
  retract(cell: Cell): void {
    if (this.#discarding || cell.panes === 0) return;
    this.touch(cell);
    this.emit(cell, "retracted");
    cell.panes += 1;
  }

  merge(into: Cell, from: Cell): void {
    this.touch(into);
    this.touch(from);
    this.attempt(() => {
      into.accumulators = this.#aggregate.merge(into.accumulators, from.accumulators);
    });
    into.panes = Math.max(into.panes, from.panes);
    into.pending += from.pending;
    this.early?.inherit(into, from);
  }

  /** The cells that the batch touched and that are still there. */
  takeDirty(): Cell[] {
    const dirty = this.#dirty.filter((cell) => !cell.gone);
    this.#dirty = [];
    return dirty;
  }

  /** Forgets what the batch touched. */
  clean(): void {
    this.#dirty = [];
  }

  /** After a rollback or recovery: nothing is dirty, nothing awaited. */
  reset(): void {
    this.#dirty = [];
    this.early?.reset();
  }
}

const NOT_DUE = { streamDue: END_OF_TIME };
