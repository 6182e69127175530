import { type Batch, BatchBuilder, type BatchLimits } from "./batch.ts";

/** Sends the events of one lane in order: one batch on its way, up to `ahead` packed behind it. */
export class Lane {
  readonly #builder: BatchBuilder;
  readonly #ahead: number;
  readonly #post: (batch: Batch) => Promise<void>;
  readonly #unfinished: Promise<void>[] = [];

  /** `post` must not reject: what fails is its caller's to report. */
  constructor(limits: BatchLimits, ahead: number, post: (batch: Batch) => Promise<void>) {
    this.#builder = new BatchBuilder(limits);
    this.#ahead = ahead;
    this.#post = post;
  }

  /** Adds an event; returns what to wait for before adding the next, where the lane is full. */
  add(event: unknown): Promise<void> | undefined {
    const batch = this.#builder.add(event);
    if (batch === undefined) return undefined;
    this.#send(batch);
    return this.#unfinished.length > this.#ahead + 1 ? this.#unfinished.shift() : undefined;
  }

  /** Sends what is left and waits for all. */
  async finish(): Promise<void> {
    const rest = this.#builder.take();
    if (rest !== undefined) this.#send(rest);
    await this.#unfinished.at(-1);
  }

  #send(batch: Batch): void {
    const before = this.#unfinished.at(-1) ?? Promise.resolve();
    this.#unfinished.push(before.then(() => this.#post(batch)));
  }
}
