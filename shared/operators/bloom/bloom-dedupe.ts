import { MillraceError } from "../../errors/millrace-error.ts";
import type { EventInfo, Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import type { DurationMs, EpochMs } from "../../time/time.ts";
import { checkedKey } from "../checked-key.ts";
import type { Host } from "../host.ts";
import type { StatefulOperator } from "../operator.ts";
import { forgetAt, type Memory, memoryOf } from "../remembered.ts";
import { type Hash64, hash64 } from "../sketches/hash64.ts";
import { Generation } from "./generation.ts";
import { type BloomOptions, type PartSize, partSize } from "./size.ts";

type Options = {
  readonly by: ((value: unknown, info: EventInfo) => Key) | undefined;
  readonly within: DurationMs;
  readonly approximate: BloomOptions;
};

/** Ids are forgotten together, this many times per `within`. Each time is a filter in memory, or several. */
const STEPS = 4;

/**
 * Lets the first event of each id pass and drops its repeats, and of every so many first events one: ids are kept in
 * Bloom filters, one for those that are forgotten together. An id is remembered until the watermark is `within` (and at
 * most a quarter more) beyond both the event's time and the stream time at which it came.
 */
export class BloomDedupe implements StatefulOperator {
  readonly #host: Host;
  readonly #by: (value: unknown, info: EventInfo) => Key;
  readonly #memory: Memory;
  readonly #capacity: number;
  readonly #size: PartSize;
  readonly #dropped: () => void;
  /** By the watermark at which they are forgotten. */
  readonly #generations = new Map<EpochMs, Generation>();
  readonly #hash: Hash64 = { high: 0, low: 0 };
  #forgotten: EpochMs[] = [];

  constructor(host: Host, { by, within, approximate }: Options, dropped: () => void) {
    this.#host = host;
    this.#by = by ?? ((_, info) => info.id);
    this.#memory = memoryOf(within, STEPS);
    this.#capacity = approximate.capacity;
    this.#size = partSize(approximate);
    this.#dropped = dropped;
  }

  get size(): number {
    let ids = 0;
    for (const generation of this.#generations.values()) ids += generation.ids;
    return ids;
  }

  readonly push = (value: unknown): void => {
    const { context, id: operator } = this.#host;
    try {
      hash64(checkedKey(this.#by(value, context), operator), this.#hash);
    } catch (thrown) {
      this.#host.fail(value, thrown);
      return;
    }
    for (const generation of this.#generations.values())
      if (generation.has(this.#hash)) {
        this.#dropped();
        return;
      }
    const until = forgetAt(this.#memory, context);
    if (until > context.watermark) {
      if (this.size >= this.#capacity) {
        this.#host.fail(value, full(operator, this.#capacity));
        return;
      }
      this.#touched(until).add(this.#hash);
    }
    this.#host.emit(value);
  };

  /** The generation, as it can be taken back. */
  #touched(forgetAt: EpochMs): Generation {
    const { journal, timers, node } = this.#host;
    let generation = this.#generations.get(forgetAt);
    if (generation === undefined) {
      generation = this.#opened(forgetAt);
      timers.arm(node, forgetAt);
      journal.note(() => this.#generations.delete(forgetAt));
    }
    if (generation.batch !== journal.batch) journal.note(generation.touch(journal.batch));
    return generation;
  }

  #opened(forgetAt: EpochMs): Generation {
    const known = this.#generations.get(forgetAt) ?? new Generation(this.#size);
    this.#generations.set(forgetAt, known);
    return known;
  }

  onTimer(time: EpochMs): void {
    const generation = this.#generations.get(time);
    if (generation === undefined) return;
    this.#generations.delete(time);
    this.#forgotten.push(time);
    this.#host.journal.note(() => this.#generations.set(time, generation));
  }

  changes(): Change[] {
    const { id } = this.#host;
    const added = [...this.#generations].flatMap(([forgetAt, generation]): Change[] => {
      const hashes = generation.takeAdded();
      return hashes === undefined ? [] : [[id, "put", forgetAt, hashes]];
    });
    const forgotten = this.#forgotten.map((time): Change => [id, "drop", time]);
    this.#forgotten = [];
    return [...added, ...forgotten];
  }

  clean(): void {
    for (const generation of this.#generations.values()) generation.clean();
    this.#forgotten = [];
  }

  *snapshot(): Iterable<Change> {
    const { id } = this.#host;
    for (const [forgetAt, generation] of [...this.#generations].sort(([a], [b]) => a - b))
      for (const [part, ids, blocks] of generation.content()) {
        yield [id, "part", forgetAt, part, ids];
        for (const [block, bytes] of blocks) yield [id, "block", forgetAt, part, block, bytes];
      }
  }

  apply([, kind, at, ...content]: Change): void {
    const forgetAt = at as EpochMs;
    if (kind === "drop") {
      this.#generations.delete(forgetAt);
      return;
    }
    const generation = this.#opened(forgetAt);
    if (kind === "put") generation.addLogged(content[0] as Uint8Array);
    else if (kind === "part") generation.begin(content[0] as number, content[1] as number);
    else generation.load(content[0] as number, content[1] as number, content[2] as Uint8Array);
  }

  rearm(): void {
    this.clean();
    for (const time of this.#generations.keys()) this.#host.timers.arm(this.#host.node, time);
  }
}

const full = (operator: string, capacity: number): MillraceError =>
  new MillraceError(
    "DEDUPE_FULL",
    `operator "${operator}" remembers ${capacity} ids, as many as it may: give it a larger capacity`,
    { next: "dead-lettered" },
  );
