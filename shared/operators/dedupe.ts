import type { EventInfo, Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import { checkedKey } from "./checked-key.ts";
import type { StatefulOperator } from "./operator.ts";
import type { Host } from "./panes.ts";
import type { OperatorSpec } from "./spec.ts";

type Options = Omit<Extract<OperatorSpec, { readonly kind: "dedupe" }>, "kind">;

/** Ids are forgotten together, this many times per `within`. */
const STEPS = 8;

/**
 * Lets the first event of each id pass and drops its repeats. An id is remembered until the watermark is
 * `within` (and at most an eighth more) beyond both the event's time and the stream time at which it came.
 * Ids are compared within a partition: a repeat must carry the key of the original.
 */
export class Dedupe implements StatefulOperator {
  readonly #host: Host;
  readonly #by: (value: unknown, info: EventInfo) => Key;
  readonly #within: DurationMs;
  readonly #step: number;
  readonly #dropped: () => void;
  readonly #forgetAt = new Map<Key, EpochMs>();
  readonly #byTime = new Map<EpochMs, Key[]>();
  #added: (readonly [Key, EpochMs])[] = [];
  #forgotten: EpochMs[] = [];

  constructor(host: Host, options: Options, dropped: () => void) {
    this.#host = host;
    this.#by = options.by ?? ((_, info) => info.id);
    this.#within = options.within;
    this.#step = Math.max(1, Math.ceil(options.within / STEPS));
    this.#dropped = dropped;
  }

  get size(): number {
    return this.#forgetAt.size;
  }

  readonly push = (value: unknown): void => {
    const { context, journal } = this.#host;
    let id: Key;
    try {
      id = checkedKey(this.#by(value, context), this.#host.id);
    } catch (thrown) {
      this.#host.fail(value, thrown);
      return;
    }
    if (this.#forgetAt.has(id)) {
      this.#dropped();
      return;
    }
    const seen = Math.max(context.time, context.streamTime) + this.#within;
    const forgetAt = ((Math.floor(seen / this.#step) + 1) * this.#step) as EpochMs;
    if (forgetAt > context.watermark) {
      this.#remember(id, forgetAt);
      this.#added.push([id, forgetAt]);
      journal.note(() => {
        this.#forgetAt.delete(id);
        this.#byTime.get(forgetAt)?.pop();
      });
    }
    this.#host.emit(value);
  };

  #remember(id: Key, forgetAt: EpochMs): void {
    this.#forgetAt.set(id, forgetAt);
    const ids = this.#byTime.get(forgetAt);
    if (ids === undefined) {
      this.#byTime.set(forgetAt, [id]);
      this.#host.timers.arm(this.#host.node, forgetAt);
    } else ids.push(id);
  }

  onTimer(time: EpochMs): void {
    const ids = this.#forget(time);
    if (ids.length === 0) return;
    this.#forgotten.push(time);
    this.#host.journal.note(() => {
      this.#byTime.set(time, ids);
      for (const id of ids) this.#forgetAt.set(id, time);
    });
  }

  /** In a log entry an id may be remembered anew before it says what was forgotten. */
  #forget(time: EpochMs): Key[] {
    const ids = this.#byTime.get(time) ?? [];
    this.#byTime.delete(time);
    for (const id of ids) if (this.#forgetAt.get(id) === time) this.#forgetAt.delete(id);
    return ids;
  }

  changes(): Change[] {
    const { id } = this.#host;
    const added = this.#added.map(([key, forgetAt]): Change => [id, "put", key, forgetAt]);
    const forgotten = this.#forgotten.map((time): Change => [id, "drop", time]);
    this.#added = [];
    this.#forgotten = [];
    return [...added, ...forgotten];
  }

  clean(): void {
    this.#added = [];
    this.#forgotten = [];
  }

  *snapshot(): Iterable<Change> {
    for (const time of [...this.#byTime.keys()].sort((a, b) => a - b))
      for (const key of this.#byTime.get(time) ?? []) yield [this.#host.id, "put", key, time];
  }

  apply([, kind, ...content]: Change): void {
    if (kind === "drop") this.#forget(content[0] as EpochMs);
    else this.#remember(content[0] as Key, content[1] as EpochMs);
  }

  rearm(): void {
    this.#added = [];
    this.#forgotten = [];
    for (const time of this.#byTime.keys()) this.#host.timers.arm(this.#host.node, time);
  }
}
