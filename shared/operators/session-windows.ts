import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import { NEVER, type Wakes } from "../state/page.ts";
import type { Place } from "../state/place.ts";
import { type DurationMs, END_OF_TIME, type EpochMs, type Span } from "../time/time.ts";
import { type Cell, CompositeAggregate, cellFrom, cellNamed, cellPut } from "./cell.ts";
import type { Partial } from "./combine/partial.ts";
import type { Host } from "./host.ts";
import { KeyTimers } from "./key-timers.ts";
import type { ClockTimers, PagedOperator } from "./operator.ts";
import { Panes } from "./panes.ts";
import type { WindowOptions } from "./spec.ts";

/**
 * Session windows: per key, the open sessions, oldest first. Each event has a span: from its time to `gap` later, or
 * what a custom window says. An event joins every session that its span touches; sessions that it connects become one. A session that was already emitted and
 * then changes its bounds is retracted first, so that a view never shows both.
 *
 * An event exactly `gap` after the last one still belongs to the session, so a session closes only when the
 * watermark has passed its end: otherwise results would depend on the order of events none of which is late.
 *
 * A session waits on one timer: where it has grown meanwhile, the timer is set again instead of moved.
 */
export class SessionWindows implements PagedOperator {
  readonly #host: Host;
  readonly #panes: Panes;
  readonly #spanOf: SpanOf;
  readonly #lateness: DurationMs;
  readonly #sessions = new Map<Key, Cell[]>();
  /** Sessions of all keys: counted as they come and go, since a commit asks and there may be a million. */
  #open = 0;
  readonly #timers: KeyTimers;
  readonly #extracted: unknown[] = [];
  #removed: (readonly [Key, EpochMs])[] = [];

  constructor(host: Host, spanOf: SpanOf, options: WindowOptions) {
    this.#host = host;
    this.#panes = new Panes(host, new CompositeAggregate(options.aggregates), options.trigger, {
      lingerMs: LINGER_MS,
    });
    this.#spanOf = spanOf;
    this.#lateness = options.allowedLateness;
    this.#timers = new KeyTimers(host);
  }

  get clocks(): ClockTimers | undefined {
    return this.#panes.early;
  }

  get size(): number {
    return this.#open;
  }

  readonly push = (value: unknown): void => {
    const { key, watermark } = this.#host.context;
    const span = this.#spanOf(value);
    if (span === undefined) return;
    const { end } = span;
    let { start, end: mergedEnd } = span;
    const touching = this.#touching(key, start, end);
    for (const cell of touching) {
      if (cell.start < start) start = cell.start;
      if (cell.end > mergedEnd) mergedEnd = cell.end;
    }
    if (mergedEnd + LINGER_MS + this.#lateness <= watermark) {
      this.#host.late(value);
      return;
    }
    if (!this.#panes.extract(value, this.#extracted)) return;
    if (this.#panes.migrates && !this.#panes.migrate(touching, value)) return;
    if (this.#host.careful() && !this.#panes.rehearse([touching], value, this.#extracted)) return;
    const session =
      touching[0] === undefined ? this.#begin(key, start, end) : this.#join(touching, start, mergedEnd);
    this.#arm(session);
    this.#panes.add(session, this.#extracted);
  };

  /** What it stands for lies in one session, whichever sessions there are. */
  readonly pushCombined = (value: unknown): void => {
    const { key, time, watermark } = this.#host.context;
    const span = this.#spanOf(value);
    if (span === undefined) return;
    let { end } = span;
    let start = (value as Partial | null)?.from ?? time;
    const touching = this.#touching(key, start, end);
    for (const cell of touching) {
      if (cell.start < start) start = cell.start;
      if (cell.end > end) end = cell.end;
    }
    const partial = this.#panes.partialOf(value, end + LINGER_MS + this.#lateness <= watermark);
    const session = touching.length === 0 ? this.#begin(key, start, end) : this.#join(touching, start, end);
    this.#arm(session);
    this.#panes.addPartial(session, partial);
  };

  #touching(key: Key, start: EpochMs, end: EpochMs): readonly Cell[] {
    const sessions = this.#sessions.get(key);
    if (sessions === undefined) this.#host.need(0, key);
    return sessions === undefined ? NONE : touchingOf(sessions, start, end);
  }

  #begin(key: Key, start: EpochMs, end: EpochMs): Cell {
    const cell = this.#panes.create(key, start, end);
    this.#replace(key, [...(this.#sessions.get(key) ?? []), cell]);
    this.#host.journal.note(() => {
      cell.gone = true;
    });
    return cell;
  }

  #join(touching: readonly Cell[], start: EpochMs, end: EpochMs): Cell {
    const [into] = touching as [Cell, ...Cell[]];
    if (touching.length === 1 && into.start === start && into.end === end) return into;
    const others = touching.slice(1);
    for (const cell of touching) this.#panes.retract(cell);
    this.#panes.touch(into);
    for (const cell of others) {
      this.#panes.merge(into, cell);
      cell.gone = true;
    }
    for (const cell of touching) if (cell.start !== start) this.#removed.push([cell.key, cell.start]);
    into.start = start;
    into.end = end;
    if (others.length > 0)
      this.#replace(
        into.key,
        (this.#sessions.get(into.key) ?? []).filter((cell) => !cell.gone),
      );
    return into;
  }

  /** Sets a key's sessions, oldest first; the list is never changed in place. */
  #replace(key: Key, sessions: Cell[]): void {
    const before = this.#sessions.get(key) ?? [];
    this.#host.journal.note(() => this.#set(key, before));
    this.#set(
      key,
      sessions.sort((a, b) => a.start - b.start),
    );
  }

  #set(key: Key, sessions: Cell[]): void {
    this.#open += sessions.length - (this.#sessions.get(key)?.length ?? 0);
    if (sessions.length === 0) this.#sessions.delete(key);
    else this.#sessions.set(key, sessions);
  }

  #arm(session: Cell): void {
    const { watermark } = this.#host.context;
    const at = this.#nextTimer(session, watermark);
    const { armedAt } = session;
    if (armedAt === undefined || armedAt <= watermark || armedAt > at) this.#await(session, at);
  }

  /** When the session closes or, where it has closed, when its state goes. */
  #nextTimer({ end }: Pick<Cell, "end">, watermark: EpochMs): EpochMs {
    const closes = end + LINGER_MS;
    return (closes > watermark ? closes : closes + this.#lateness) as EpochMs;
  }

  #await(session: Cell, at: EpochMs): void {
    session.armedAt = at;
    this.#timers.arm(at, session.key);
  }

  onTimer(time: EpochMs): void {
    for (const key of this.#timers.take(time))
      for (const session of this.#sessions.get(key) ?? []) this.#expire(session, time);
  }

  #expire(session: Cell, time: EpochMs): void {
    const closes = (session.end + LINGER_MS) as EpochMs;
    const gone = (closes + this.#lateness) as EpochMs;
    if (closes > time) this.#await(session, closes);
    else if (gone > time) {
      if (closes === time && this.#panes.hasOnTimePane(session)) this.#panes.fire(session, "on-time");
      this.#await(session, gone);
    } else {
      this.#remove(session);
      if (this.#lateness === 0 && this.#panes.hasOnTimePane(session)) this.#panes.emit(session, "on-time");
    }
  }

  #remove(session: Cell): void {
    session.gone = true;
    this.#host.journal.note(() => {
      session.gone = false;
    });
    this.#removed.push([session.key, session.start]);
    this.#replace(
      session.key,
      (this.#sessions.get(session.key) ?? []).filter((cell) => cell !== session),
    );
  }

  changes(): Change[] {
    const { id } = this.#host;
    const removed = this.#removed.map(([key, start]): Change => [id, "drop", key, start]);
    this.#removed = [];
    return [...removed, ...this.#panes.takeDirty().map((cell) => cellPut(id, cell))];
  }

  clean(): void {
    this.#panes.clean();
    this.#removed = [];
  }

  *snapshot(): Iterable<Change> {
    for (const key of [...this.#sessions.keys()].sort(compareKeys))
      for (const session of this.#sessions.get(key) ?? []) yield cellPut(this.#host.id, session);
  }

  apply(change: Change): void {
    const { key, start } = cellNamed(change);
    const others = (this.#sessions.get(key) ?? []).filter((cell) => cell.start !== start);
    if (change[1] === "put") others.push(cellFrom(change, (kept) => this.#panes.versionsOf(kept)));
    this.#set(
      key,
      others.sort((a, b) => a.start - b.start),
    );
  }

  placeOf([, , key]: Change): Place {
    return [0, key as Key];
  }

  stateAt([, key]: Place): Change[] {
    return (this.#sessions.get(key) ?? []).map((session) => cellPut(this.#host.id, session));
  }

  evict([, key]: Place): void {
    for (const session of this.#sessions.get(key) ?? []) session.gone = true;
    this.#set(key, []);
  }

  /** Removal names the session, so that it must be in memory for it even where nothing is shown. */
  wakes([, kind, , , end, , , pending]: Change): Wakes {
    if (kind !== "put") return { ...NEVER, ...this.#panes.dues(0) };
    return {
      due: this.#nextTimer({ end: end as EpochMs }, this.#host.context.watermark),
      ...this.#panes.dues(pending as number),
      until: END_OF_TIME,
      mark: undefined,
    };
  }

  expect(): void {}

  stateOf(key: Key): unknown {
    return this.#panes.stateOf(this.#sessions.get(key) ?? NONE);
  }

  rearm(): void {
    this.#panes.reset();
    this.#removed = [];
    this.#timers.clear();
    const { watermark } = this.#host.context;
    for (const sessions of this.#sessions.values())
      for (const session of sessions) {
        this.#await(session, this.#nextTimer(session, watermark));
        if (session.pending > 0) this.#panes.early?.await(session);
      }
  }
}

/** The span of an event; undefined where the user's function gave none and the event failed. */
type SpanOf = (value: unknown) => Span | undefined;

/** A session's gap as a span: one object for all events. */
export function spanByGap({ context }: Pick<Host, "context">, gap: DurationMs): SpanOf {
  const span = { start: context.time, end: context.time };
  return () => {
    span.start = context.time;
    span.end = (context.time + gap) as EpochMs;
    return span;
  };
}

/** How long after its end a session still takes events that are not late. */
const LINGER_MS = 1;

const NONE: readonly Cell[] = [];

/** The sessions that an event from `start` to `end` joins: most often all that the key has, which is one. */
function touchingOf(sessions: readonly Cell[], start: EpochMs, end: EpochMs): readonly Cell[] {
  const touches = (cell: Cell): boolean => cell.start <= end && cell.end >= start;
  return sessions.every(touches) ? sessions : sessions.filter(touches);
}
