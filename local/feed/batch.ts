/** Lines of NDJSON that travel in one request. */
export type Batch = {
  readonly lines: readonly string[];
  /** Size of the body in bytes, line feeds included. */
  readonly bytes: number;
};

/** What a batch may hold; an event above `maxBytes` travels alone. */
export type BatchLimits = { readonly maxEvents: number; readonly maxBytes: number };

/** Packs the events of one lane, in order, into batches within limits. */
export class BatchBuilder {
  readonly #limits: BatchLimits;
  #lines: string[] = [];
  #bytes = 0;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  /** Adds an event; returns the batch before it if the event has no room there. */
  add(event: unknown): Batch | undefined {
    const line = JSON.stringify(event);
    const bytes = Buffer.byteLength(line) + 1;
    const full = this.#lines.length >= this.#limits.maxEvents || this.#bytes + bytes > this.#limits.maxBytes;
    const before = full ? this.take() : undefined;
    this.#lines.push(line);
    this.#bytes += bytes;
    return before;
  }

  /** Takes what is left; undefined where nothing is. */
  take(): Batch | undefined {
    if (this.#lines.length === 0) return undefined;
    const batch = { lines: this.#lines, bytes: this.#bytes };
    this.#lines = [];
    this.#bytes = 0;
    return batch;
  }
}
