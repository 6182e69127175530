import { type DurationMs, END_OF_TIME, type EpochMs } from "../time/time.ts";
import { emitAt, type JoinLogic, type JoinParts } from "./join.ts";
import { firstFrom, type JoinRow, LEFT, RIGHT, type Side } from "./join-rows.ts";

type Options = {
  readonly type: "inner" | "left";
  readonly grace: DurationMs;
  /** How long a version holds where no other follows it; undefined: for ever. */
  readonly ttl: DurationMs | undefined;
};

/**
 * Gives each left row with the version of its key that was in force at its event time: the right row with the highest
 * time that is not beyond it; of several at one time the last that came. A version that is `null` says that from its
 * time on there is none. A left row waits until the watermark (less `grace`) has passed its time, since an earlier
 * version may still come.
 *
 * Of each key the newest version that the watermark has passed is kept, and those after it; not where it is `null`,
 * since without a version there is none either.
 */
export class TemporalJoin implements JoinLogic {
  readonly #parts: JoinParts;
  readonly #options: Options;

  constructor(parts: JoinParts, options: Options) {
    this.#parts = parts;
    this.#options = options;
  }

  isLate(time: EpochMs): boolean {
    return time < this.#parts.host.context.watermark - this.#options.grace;
  }

  take(side: Side, value: unknown): void {
    const { host, rows } = this.#parts;
    const { ttl } = this.#options;
    const { key, time } = host.context;
    const end = (side === RIGHT && ttl !== undefined ? time + ttl : END_OF_TIME) as EpochMs;
    rows.add(key, side, time, end, value, false);
    this.arm({ key, time, end });
  }

  arm({ key, time, end }: Pick<JoinRow, "key" | "time" | "end">): void {
    const { host, timers } = this.#parts;
    const { grace } = this.#options;
    const passed = (time + 1 + grace) as EpochMs;
    if (passed > host.context.watermark) timers.arm(passed, key);
    if (end !== END_OF_TIME) timers.arm((end + grace) as EpochMs, key);
  }

  onTimer(time: EpochMs): void {
    const { rows, timers } = this.#parts;
    const passed = time - this.#options.grace;
    for (const key of timers.take(time)) {
      const versions = rows.of(key, RIGHT);
      const due = rows.drop(key, LEFT, (left) => left.time < passed);
      const inForce = versions[firstFrom(versions, passed) - 1];
      const isOver = (one: JoinRow): boolean =>
        one.end <= passed || (one.time < passed && (one !== inForce || one.value === null));
      rows.drop(key, RIGHT, isOver);
      for (const row of due) this.#give(row, versions[firstFrom(versions, row.time + 1) - 1], time);
    }
  }

  #give(row: JoinRow, version: JoinRow | undefined, at: EpochMs): void {
    const right = version !== undefined && row.time < version.end && version.value !== null ? version : null;
    if (right === null && this.#options.type === "inner") return;
    emitAt(this.#parts, row, right, at);
  }
}
