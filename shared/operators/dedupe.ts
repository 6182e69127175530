import type { EventInfo, Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { compareKeys } from "../state/key-order.ts";
import { appendTo } from "../state/lists.ts";
import { NEVER, type Wakes } from "../state/page.ts";
import type { Place } from "../state/place.ts";
import { END_OF_TIME, type EpochMs } from "../time/time.ts";
import { checkedKey } from "./checked-key.ts";
import type { Host } from "./host.ts";
import type { PagedOperator } from "./operator.ts";
import { forgetAt, type Memory, memoryOf } from "./remembered.ts";
import type { OperatorSpec } from "./spec.ts";

type Options = Pick<Extract<OperatorSpec, { readonly kind: "dedupe" }>, "by" | "within">;

/** Ids are forgotten together, this many times per `within`. */
const STEPS = 8;

/**
 * Lets the first event of each id pass and drops its repeats. An id is remembered until the watermark is
 * `within` (and at most an eighth more) beyond both the event's time and the stream time at which it came.
 * Ids are compared within a partition: a repeat must carry the key of the original.
 */
export class Dedupe implements PagedOperator {
  readonly #host: Host;
  readonly #by: (value: unknown, info: EventInfo) => Key;
  readonly #memory: Memory;
  readonly #dropped: () => void;
  readonly #forgetAt = new Map<Key, EpochMs>();
  readonly #byTime = new Map<EpochMs, Key[]>();
  #added: (readonly [Key, EpochMs])[] = [];
  #forgotten: EpochMs[] = [];
  #evicted = 0;

  constructor(host: Host, options: Options, dropped: () => void) {
    this.#host = host;
    this.#by = options.by ?? ((_, info) => info.id);
    this.#memory = memoryOf(options.within, STEPS);
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
    this.#host.need(0, id);
    const until = forgetAt(this.#memory, context);
    if (until > context.watermark) {
      const begun = this.#byTime.has(until);
      this.#remember(id, until);
      this.#added.push([id, until]);
      journal.note(() => {
        this.#forgetAt.delete(id);
        this.#byTime.get(until)?.pop();
        if (!begun) this.#byTime.delete(until);
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
    if (!this.#byTime.has(time)) return;
    const ids = this.#forget(time);
    this.#forgotten.push(time);
    this.#host.journal.note(() => {
      this.#byTime.set(time, ids);
      for (const id of ids) this.#forgetAt.set(id, time);
    });
  }

  /** In a log entry an id may be remembered anew before it says what was forgotten. */
  #forget(time: EpochMs): Key[] {
    const ids = (this.#byTime.get(time) ?? []).filter((id) => this.#forgetAt.get(id) === time);
    this.#byTime.delete(time);
    for (const id of ids) this.#forgetAt.delete(id);
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
    for (const id of [...this.#forgetAt.keys()].sort(compareKeys)) yield* this.stateAt([0, id]);
  }

  apply([, kind, ...content]: Change): void {
    if (kind === "drop") this.#forget(content[0] as EpochMs);
    else this.#remember(content[0] as Key, content[1] as EpochMs);
  }

  placeOf([, kind, id]: Change): Place | undefined {
    return kind === "put" ? [0, id as Key] : undefined;
  }

  stateAt([, id]: Place): Change[] {
    const forgetAt = this.#forgetAt.get(id);
    return forgetAt === undefined ? [] : [[this.#host.id, "put", id, forgetAt]];
  }

  /** It stays in the list of its time, until half of what the lists hold is gone. */
  evict([, id]: Place): void {
    if (this.#forgetAt.delete(id)) this.#evicted += 1;
  }

  wakes([, kind, , forgetAt]: Change): Wakes {
    if (kind !== "put") return NEVER;
    return {
      due: END_OF_TIME,
      streamDue: END_OF_TIME,
      until: forgetAt as EpochMs,
      mark: forgetAt as EpochMs,
    };
  }

  expect(time: EpochMs): void {
    if (time > this.#host.context.watermark && !this.#byTime.has(time)) this.#byTime.set(time, []);
  }

  rearm(): void {
    this.#added = [];
    this.#forgotten = [];
    if (this.#evicted > this.#forgetAt.size) this.#list();
    for (const time of this.#byTime.keys()) this.#host.timers.arm(this.#host.node, time);
  }
  #list(): void {
    for (const time of this.#byTime.keys()) this.#byTime.set(time, []);
    for (const [id, time] of this.#forgetAt) appendTo(this.#byTime, time, id);
    this.#evicted = 0;
  }
}
