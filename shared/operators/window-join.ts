import type { Key } from "../events/event.ts";
import type { DurationMs, EpochMs, Span } from "../time/time.ts";
import type { JoinLogic, JoinParts } from "./join.ts";
import { firstFrom, type JoinRow, LEFT, RIGHT, SIDES, type Side } from "./join-rows.ts";
import type { JoinType } from "./join-spec.ts";
import { asKept } from "./row-keeper.ts";
import { type Hopping, newestStart, type Tumbling } from "./window.ts";

type Options = {
  readonly type: JoinType;
  readonly window: Tumbling | Hopping;
  readonly grace: DurationMs;
};

/**
 * Pairs the rows of a key that share a window, once the watermark (less `grace`) has reached its end: left rows by
 * event time, and with each the right rows by event time. A row is kept once, however many windows it is in.
 */
export class WindowJoin implements JoinLogic {
  readonly #parts: JoinParts;
  readonly #type: JoinType;
  readonly #size: DurationMs;
  readonly #slide: DurationMs;
  readonly #grace: DurationMs;

  constructor(parts: JoinParts, { type, window, grace }: Options) {
    this.#parts = parts;
    this.#type = type;
    this.#size = window.size;
    this.#slide = window.kind === "hopping" ? window.slide : window.size;
    this.#grace = grace;
  }

  /** The end of the last window that holds the time. */
  #lastEnd(time: EpochMs): EpochMs {
    return (newestStart(this.#slide, time) + this.#size) as EpochMs;
  }

  isLate(time: EpochMs): boolean {
    return this.#lastEnd(time) + this.#grace <= this.#parts.host.context.watermark;
  }

  take(side: Side, value: unknown): void {
    const { key, time } = this.#parts.host.context;
    const end = this.#lastEnd(time);
    this.#parts.rows.add(key, side, time, end, value, false);
    this.arm({ key, time, end });
  }

  arm({ key, time, end: last }: Pick<JoinRow, "key" | "time" | "end">): void {
    const { host, timers } = this.#parts;
    const { watermark } = host.context;
    for (let end = last; end > time && end - this.#size <= time; end = (end - this.#slide) as EpochMs)
      if (end + this.#grace > watermark) timers.arm((end + this.#grace) as EpochMs, key);
  }

  onTimer(time: EpochMs): void {
    const { host, rows, timers } = this.#parts;
    const end = (time - this.#grace) as EpochMs;
    const start = (end - this.#size) as EpochMs;
    const inWindow = (key: Key, side: Side): readonly JoinRow[] => {
      const all = rows.of(key, side);
      return all.slice(firstFrom(all, start), firstFrom(all, end));
    };
    for (const key of timers.take(time)) {
      const [lefts, rights] = [inWindow(key, LEFT), inWindow(key, RIGHT)];
      for (const side of SIDES) rows.drop(key, side, (row) => row.end <= end);
      host.context.within(
        () => `${host.id}/${key}/${start}`,
        (time - 1) as EpochMs,
        key,
        () => this.#give(key, { start, end }, lefts, rights),
      );
    }
  }

  #give(key: Key, window: Span, lefts: readonly JoinRow[], rights: readonly JoinRow[]): void {
    const { host, rows } = this.#parts;
    if (!rows.migrates) {
      this.#giveAll(key, window, lefts, rights);
      return;
    }
    const present = (row: JoinRow): Valued => ({ value: rows.valueOf(row) });
    let read: readonly [lefts: readonly Valued[], rights: readonly Valued[]];
    try {
      read = [
        this.#givesLefts(rights.length > 0) ? lefts.map(present) : lefts,
        this.#givesRights(lefts.length > 0) ? rights.map(present) : rights,
      ];
    } catch (thrown) {
      const kept = (side: readonly JoinRow[]): unknown[] => side.map(({ value }) => asKept(value));
      host.fail({ key, window, left: kept(lefts), right: kept(rights) }, thrown);
      return;
    }
    this.#giveAll(key, window, ...read);
  }

  #givesLefts(hasRights: boolean): boolean {
    if (this.#type === "anti") return !hasRights;
    return hasRights || this.#type === "left" || this.#type === "full";
  }

  #givesRights(hasLefts: boolean): boolean {
    if (this.#type === "semi" || this.#type === "anti") return false;
    return hasLefts || this.#type === "full";
  }

  #giveAll(key: Key, window: Span, lefts: readonly Valued[], rights: readonly Valued[]): void {
    const { emit } = this.#parts.host;
    const type = this.#type;
    if (type === "semi" || type === "anti") {
      if (this.#givesLefts(rights.length > 0)) for (const { value } of lefts) emit(value);
      return;
    }
    for (const { value: left } of lefts) {
      for (const { value: right } of rights) emit({ key, window, left, right });
      if (rights.length === 0 && type !== "inner") emit({ key, window, left, right: null });
    }
    if (lefts.length === 0 && type === "full")
      for (const { value: right } of rights) emit({ key, window, left: null, right });
  }
}

type Valued = Pick<JoinRow, "value">;
