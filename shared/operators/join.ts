import type { Change } from "../state/change.ts";
import type { EpochMs } from "../time/time.ts";
import type { Host } from "./host.ts";
import { type JoinRow, JoinRows, LEFT, RIGHT, type Side } from "./join-rows.ts";
import { canKeep } from "./keepable.ts";
import type { KeptRows } from "./kept-rows.ts";
import { KeyTimers } from "./key-timers.ts";
import type { Push, StatefulOperator } from "./operator.ts";
import { asKept, rowKeeper } from "./row-keeper.ts";

/** What a kind of join does with a row, and when; its rows and timers are kept for it. */
export type JoinLogic = {
  /** Whether a row of this time comes too late to find all its partners. */
  isLate(time: EpochMs): boolean;
  take(side: Side, value: unknown): void;
  onTimer(time: EpochMs): void;
  /** Sets the timers of a row that is kept. */
  arm(row: Pick<JoinRow, "key" | "side" | "time" | "end">): void;
};

/** What a kind of join is given. */
export type JoinParts = { readonly host: Host; readonly rows: JoinRows; readonly timers: KeyTimers };

/**
 * A join of two inputs that one log orders. Late rows go to the late output, with their side. State is the rows that
 * wait for partners, by key.
 */
export class Join implements StatefulOperator {
  readonly push: Push;
  readonly pushRight: Push;
  readonly #host: Host;
  readonly #rows: JoinRows;
  readonly #timers: KeyTimers;
  readonly #logic: JoinLogic;

  constructor(host: Host, kept: KeptRows, logicOf: (parts: JoinParts) => JoinLogic) {
    this.#host = host;
    this.#rows = new JoinRows(host, [rowKeeper(host, kept, LEFT), rowKeeper(host, kept, RIGHT)]);
    this.#timers = new KeyTimers(host);
    this.#logic = logicOf({ host, rows: this.#rows, timers: this.#timers });
    this.push = this.#input(LEFT);
    this.pushRight = this.#input(RIGHT);
  }

  get size(): number {
    return this.#rows.size;
  }

  #input(side: Side): Push {
    const { context, late } = this.#host;
    const name = side === LEFT ? "left" : "right";
    const logic = this.#logic;
    return (value) => {
      if (logic.isLate(context.time)) {
        late({ side: name, row: value });
        return;
      }
      if (canKeep(this.#host, value)) logic.take(side, value);
    };
  }

  onTimer(time: EpochMs): void {
    this.#logic.onTimer(time);
  }

  changes(): Change[] {
    return this.#rows.changes();
  }

  clean(): void {
    this.#rows.clean();
  }

  snapshot(): Iterable<Change> {
    return this.#rows.snapshot();
  }

  apply(change: Change): void {
    this.#rows.apply(change);
  }

  rearm(): void {
    this.#rows.clean();
    this.#timers.clear();
    for (const row of this.#rows.all()) this.#logic.arm(row);
  }
}

/**
 * Gives a left row by a timer, with a right one or none: as late as the watermark says, so that what follows does not
 * find it late. Where one of them cannot be read, what was kept is in a failed event.
 */
export function emitAt({ host, rows }: JoinParts, left: JoinRow, right: JoinRow | null, at: EpochMs): void {
  const { context, id, emit, fail } = host;
  const { key, time, n } = left;
  context.within(
    () => `${id}/${key}/${time}/${n}`,
    Math.max(time, at - 1) as EpochMs,
    key,
    () => {
      let pair: unknown;
      try {
        pair = { key, left: rows.valueOf(left), right: right && rows.valueOf(right) };
      } catch (thrown) {
        fail({ key, left: asKept(left.value), right: right && asKept(right.value) }, thrown);
        return;
      }
      emit(pair);
    },
  );
}
