import { MillraceError } from "../errors/millrace-error.ts";
import { type DurationMs, END_OF_TIME, type EpochMs } from "../time/time.ts";
import { emitAt, type JoinLogic, type JoinParts } from "./join.ts";
import { firstFrom, type JoinRow, LEFT, RIGHT, type Side } from "./join-rows.ts";

type Bounds = {
  readonly type: "inner" | "left";
  readonly grace: DurationMs;
  /** Minus infinity and infinity: every pair of a key, and nothing is ever forgotten. */
  readonly from: number;
  readonly to: number | ((left: unknown) => number);
};

/** Rows are forgotten together, this often in the time that they are kept, and never more often than each `LEAST_STEP_MS`. */
const STEPS = 8;
const LEAST_STEP_MS = 100;

/** Values that are in their rows as they are. */
const AS_KEPT: readonly unknown[] = [];

/**
 * Pairs a left row with the right rows of its key from `left + from` on and before `left + to`. A pair is given when
 * its second row comes, at the later of their times; partners of one row come by event time. Which pairs there are does
 * not depend on the order in which rows come, as long as none is late.
 *
 * ```
 *             left + from          left              left + to
 *   right rows     ├─── partners ────┼──── partners ─────┤
 *                                                        └ without one: given alone, once the watermark gets here
 * ```
 * A row is kept until the watermark (less `grace`) says that no partner of it can come any more.
 */
export class IntervalJoin implements JoinLogic {
  readonly #parts: JoinParts;
  readonly #bounds: Bounds;
  readonly #outer: boolean;
  readonly #step: number;

  constructor(parts: JoinParts, bounds: Bounds) {
    this.#parts = parts;
    this.#bounds = bounds;
    this.#outer = bounds.type === "left";
    const { from, to, grace } = bounds;
    const keptFor = Math.max(-from, typeof to === "number" ? to : 0) + grace;
    this.#step = Math.max(LEAST_STEP_MS, Math.ceil(keptFor / STEPS));
  }

  /** Nothing before this can come any more. */
  get #horizon(): number {
    return this.#parts.host.context.watermark - this.#bounds.grace;
  }

  isLate(time: EpochMs): boolean {
    return this.#bounds.from !== Number.NEGATIVE_INFINITY && time < this.#horizon;
  }

  take(side: Side, value: unknown): void {
    if (side === LEFT) this.#takeLeft(value);
    else this.#takeRight(value);
  }

  #takeLeft(value: unknown): void {
    const { host, rows } = this.#parts;
    const { key, time } = host.context;
    const end = this.#endOf(value, time);
    if (end === undefined) return;
    const rights = rows.of(key, RIGHT);
    const first = firstFrom(rights, time + this.#bounds.from);
    const past = firstFrom(rights, end);
    const values = this.#valuesOf(rights, first, past, value);
    if (values === undefined) return;
    const matched = past > first;
    for (let i = first; i < past; i += 1) {
      const right = rights[i] as JoinRow;
      this.#pair(value, values === AS_KEPT ? right.value : values[i - first], right.time);
    }
    if (end > this.#horizon) this.#keep(LEFT, end, value, matched);
    else if (this.#outer && !matched) host.emit({ key, left: value, right: null });
  }

  #takeRight(value: unknown): void {
    const { host, rows } = this.#parts;
    const { key, time } = host.context;
    const { from, to } = this.#bounds;
    const lefts = rows.of(key, LEFT);
    const first = typeof to === "number" ? firstFrom(lefts, time - to + 1) : 0;
    const past = firstFrom(lefts, time - from + 1);
    const values = this.#valuesOf(lefts, first, past, value);
    if (values === undefined) return;
    for (let i = first; i < past; i += 1) {
      const left = lefts[i] as JoinRow;
      if (time >= left.end) continue;
      if (this.#outer) rows.match(left);
      this.#pair(values === AS_KEPT ? left.value : values[i - first], value, left.time);
    }
    // a left row up to `right - from` may still come
    const end = (time - from + 1) as EpochMs;
    if (end > this.#horizon) this.#keep(RIGHT, end, value, false);
  }

  /**
   * What is in the partners of the row at hand, in the present version; undefined where that cannot be read, and the row
   * became a failed event.
   */
  #valuesOf(
    others: readonly JoinRow[],
    first: number,
    past: number,
    value: unknown,
  ): readonly unknown[] | undefined {
    const { host, rows } = this.#parts;
    if (!rows.migrates) return AS_KEPT;
    const { time } = host.context;
    try {
      return others.slice(first, past).map((other) => (time < other.end ? rows.valueOf(other) : undefined));
    } catch (thrown) {
      host.fail(value, thrown);
      return undefined;
    }
  }

  /** The first right time that is too late for the left row; undefined where the user's function gave none. */
  #endOf(value: unknown, time: EpochMs): EpochMs | undefined {
    const { to, from } = this.#bounds;
    if (typeof to === "number") return (time + to) as EpochMs;
    const { host } = this.#parts;
    try {
      const length = to(value);
      if (Number.isSafeInteger(length) && length > from) return (time + length) as EpochMs;
      throw new MillraceError(
        "JOIN_BOUND",
        `operator "${host.id}": \`to\` must give whole milliseconds beyond \`from\` (${from}), not ${length}`,
        { next: "dead-lettered" },
      );
    } catch (thrown) {
      host.fail(value, thrown);
      return undefined;
    }
  }

  #pair(left: unknown, right: unknown, partnerTime: EpochMs): void {
    const { context, emit } = this.#parts.host;
    const { time } = context;
    if (partnerTime > time) context.time = partnerTime;
    emit({ key: context.key, left, right });
    context.time = time;
  }

  #keep(side: Side, end: EpochMs, value: unknown, matched: boolean): void {
    const { host, rows } = this.#parts;
    const { key, time } = host.context;
    rows.add(key, side, time, end, value, matched);
    this.arm({ key, side, end });
  }

  arm(row: Pick<JoinRow, "key" | "side" | "end">): void {
    if (row.end !== END_OF_TIME) this.#parts.timers.arm(this.#dueOf(row), row.key);
  }

  /** When a row is forgotten. */
  #dueOf({ side, end }: Pick<JoinRow, "side" | "end">): EpochMs {
    const at = end + this.#bounds.grace;
    const exactly = this.#outer && side === LEFT;
    return (exactly ? at : (Math.floor(at / this.#step) + 1) * this.#step) as EpochMs;
  }

  onTimer(time: EpochMs): void {
    const { rows, timers } = this.#parts;
    // each at its own time: one that was armed for a row that is gone, which no recovery arms again, takes none along
    const isDue = (row: JoinRow): boolean => this.#dueOf(row) <= time;
    for (const key of timers.take(time)) {
      rows.drop(key, RIGHT, isDue);
      for (const row of rows.drop(key, LEFT, isDue))
        if (this.#outer && !row.matched) emitAt(this.#parts, row, null, time);
    }
  }
}
