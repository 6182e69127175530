import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import type { DurationMs, EpochMs, Span } from "../time/time.ts";
import { type Cell, CompositeAggregate, cellFrom, cellNamed, cellPut } from "./cell.ts";
import type { Host } from "./host.ts";
import { KeyTimers } from "./key-timers.ts";
import type { ClockTimers, StatefulOperator } from "./operator.ts";
import { Panes } from "./panes.ts";
import type { WindowOptions } from "./spec.ts";

/** The windows of an event; undefined where the user's function gave none and the event failed. */
export type Assign = (value: unknown) => readonly Span[] | undefined;

/**
 * Windows of any bounds: those that cumulate, the one for all time, and a user's own. State is one cell per key and
 * open window, by key; otherwise they are as aligned windows are.
 */
export class AssignedWindows implements StatefulOperator {
  readonly #host: Host;
  readonly #panes: Panes;
  readonly #assign: Assign;
  readonly #lateness: DurationMs;
  /** Of each key by start and end; a list is never changed in place. */
  readonly #windows = new Map<Key, readonly Cell[]>();
  readonly #timers: KeyTimers;
  readonly #extracted: unknown[] = [];
  #size = 0;
  #dropped: Cell[] = [];

  constructor(host: Host, assign: Assign, options: WindowOptions) {
    this.#host = host;
    this.#panes = new Panes(host, new CompositeAggregate(options.aggregates), options.trigger);
    this.#assign = assign;
    this.#lateness = options.allowedLateness;
    this.#timers = new KeyTimers(host);
  }

  get clocks(): ClockTimers | undefined {
    return this.#panes.early;
  }

  get size(): number {
    return this.#size;
  }

  readonly push = (value: unknown): void => {
    const { key, watermark } = this.#host.context;
    const assigned = this.#assign(value);
    if (assigned === undefined) return;
    const open = assigned.filter(({ end }) => end + this.#lateness > watermark);
    if (open.length === 0) {
      this.#host.late(value);
      return;
    }
    if (!this.#panes.extract(value, this.#extracted)) return;
    const cells = (): Cell[][] =>
      open.map((span) => {
        const cell = this.#find(key, span);
        return cell === undefined ? [] : [cell];
      });
    if (this.#panes.migrates && !this.#panes.migrate(cells().flat(), value)) return;
    if (this.#host.careful() && !this.#panes.rehearse(cells(), value, this.#extracted)) return;
    for (const span of open) this.#panes.add(this.#find(key, span) ?? this.#open(key, span), this.#extracted);
  };

  /** What the windows are must not depend on the value: it is no event. */
  readonly pushCombined = (value: unknown): void => {
    const { key, watermark } = this.#host.context;
    const open = this.#assign(value)?.filter(({ end }) => end + this.#lateness > watermark) ?? [];
    const partial = this.#panes.partialOf(value, open.length === 0);
    for (const span of open) this.#panes.addPartial(this.#find(key, span) ?? this.#open(key, span), partial);
  };

  #find(key: Key, { start, end }: Span): Cell | undefined {
    return this.#windows.get(key)?.find((cell) => cell.start === start && cell.end === end);
  }

  #open(key: Key, { start, end }: Span): Cell {
    const cell = this.#panes.create(key, start, end);
    this.#host.journal.note(() => {
      cell.gone = true;
    });
    this.#replace(key, [...this.#of(key), cell].sort(bySpan));
    this.#arm(cell);
    return cell;
  }

  #of(key: Key): readonly Cell[] {
    return this.#windows.get(key) ?? NONE;
  }

  #replace(key: Key, cells: readonly Cell[]): void {
    const before = this.#of(key);
    this.#host.journal.note(() => this.#set(key, before));
    this.#set(key, cells);
  }

  #set(key: Key, cells: readonly Cell[]): void {
    this.#size += cells.length - this.#of(key).length;
    if (cells.length === 0) this.#windows.delete(key);
    else this.#windows.set(key, cells);
  }

  #arm({ key, end }: Cell): void {
    const onTime = end > this.#host.context.watermark;
    this.#timers.arm(onTime ? end : ((end + this.#lateness) as EpochMs), key);
  }

  onTimer(time: EpochMs): void {
    for (const key of this.#timers.take(time)) {
      const cells = this.#of(key);
      const over = cells.filter(({ end }) => end + this.#lateness === time);
      if (over.length > 0) this.#drop(key, over);
      for (const cell of cells) {
        if (cell.end !== time || !this.#panes.hasOnTimePane(cell)) continue;
        if (this.#lateness === 0) this.#panes.emit(cell, "on-time");
        else this.#panes.fire(cell, "on-time");
      }
      if (this.#lateness > 0 && cells.some(({ end }) => end === time))
        this.#timers.arm((time + this.#lateness) as EpochMs, key);
    }
  }

  #drop(key: Key, over: readonly Cell[]): void {
    this.#replace(
      key,
      this.#of(key).filter((cell) => !over.includes(cell)),
    );
    for (const cell of over) {
      cell.gone = true;
      this.#dropped.push(cell);
      this.#host.journal.note(() => {
        cell.gone = false;
      });
    }
  }

  changes(): Change[] {
    const { id } = this.#host;
    const dropped = this.#dropped.map(({ key, start, end }): Change => [id, "drop", key, start, end]);
    this.#dropped = [];
    return [...dropped, ...this.#panes.takeDirty().map((cell) => cellPut(id, cell))];
  }

  clean(): void {
    this.#panes.clean();
    this.#dropped = [];
  }

  *snapshot(): Iterable<Change> {
    for (const key of [...this.#windows.keys()].sort(compareKeys))
      for (const cell of this.#of(key)) yield cellPut(this.#host.id, cell);
  }

  apply(change: Change): void {
    const { key, start, end } = cellNamed(change);
    const others = this.#of(key).filter((cell) => cell.start !== start || cell.end !== end);
    if (change[1] === "put") others.push(cellFrom(change, (kept) => this.#panes.versionsOf(kept)));
    this.#set(key, others.sort(bySpan));
  }

  stateOf(key: Key): unknown {
    return this.#panes.stateOf(this.#of(key));
  }

  rearm(): void {
    this.#panes.reset();
    this.#dropped = [];
    this.#timers.clear();
    for (const cells of this.#windows.values())
      for (const cell of cells) {
        this.#arm(cell);
        if (cell.pending > 0) this.#panes.early?.await(cell);
      }
  }
}

const NONE: readonly Cell[] = [];
const bySpan = (a: Cell, b: Cell): number => a.start - b.start || a.end - b.end;
