import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { NEVER, type Wakes } from "../state/page.ts";
import type { Place } from "../state/place.ts";
import { type DurationMs, END_OF_TIME, type EpochMs, type Span } from "../time/time.ts";
import { type Cell, CompositeAggregate } from "./cell.ts";
import { CellLists } from "./cell-lists.ts";
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
  readonly #sessions: CellLists;
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
    // of those of one key no two begin at one time
    this.#sessions = new CellLists(host, this.#panes, (a, b) => a.start === b.start);
    this.#timers = new KeyTimers(host);
  }

  get clocks(): ClockTimers | undefined {
    return this.#panes.early;
  }

  get size(): number {
    return this.#sessions.size;
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
    const sessions = this.#sessions.of(key);
    if (sessions.length === 0) this.#host.need(0, key);
    return touchingOf(sessions, start, end);
  }

  #begin(key: Key, start: EpochMs, end: EpochMs): Cell {
    const cell = this.#panes.create(key, start, end);
    this.#sessions.add(cell);
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
      this.#sessions.replace(
        into.key,
        this.#sessions.of(into.key).filter((cell) => !cell.gone),
      );
    return into;
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
      for (const session of this.#sessions.of(key)) this.#expire(session, time);
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
    this.#sessions.remove(session.key, [session]);
    this.#removed.push([session.key, session.start]);
  }

  changes(): Change[] {
    const { id } = this.#host;
    const removed = this.#removed.map(([key, start]): Change => [id, "drop", key, start]);
    this.#removed = [];
    return [...removed, ...this.#sessions.touched()];
  }

  clean(): void {
    this.#panes.clean();
    this.#removed = [];
  }

  snapshot(): Iterable<Change> {
    return this.#sessions.snapshot();
  }

  apply(change: Change): void {
    this.#sessions.apply(change);
  }

  placeOf([, , key]: Change): Place {
    return [0, key as Key];
  }

  stateAt([, key]: Place): Change[] {
    return this.#sessions.put(key);
  }

  evict([, key]: Place): void {
    this.#sessions.evict(key);
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
    return this.#panes.stateOf(this.#sessions.of(key));
  }

  rearm(): void {
    this.#panes.reset();
    this.#removed = [];
    this.#timers.clear();
    const { watermark } = this.#host.context;
    for (const session of this.#sessions.all()) {
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

/** The sessions that an event from `start` to `end` joins: most often all that the key has, which is one. */
function touchingOf(sessions: readonly Cell[], start: EpochMs, end: EpochMs): readonly Cell[] {
  const touches = (cell: Cell): boolean => cell.start <= end && cell.end >= start;
  return sessions.every(touches) ? sessions : sessions.filter(touches);
}
