/** What a record costs beside its data and key: its object, its sequence number and the view of its bytes, as measured. */
const OVERHEAD_BYTES = 300;

/** What the records of all streams occupy, about, and how much they may. */
export class RecordMemory {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Whether so many records with so many bytes of data and keys find room. */
  fits(records: number, bytes: number): boolean {
    return this.#usedBytes + bytes + records * OVERHEAD_BYTES <= this.limitBytes;
  }

  add(bytes: number): void {
    this.#usedBytes += bytes + OVERHEAD_BYTES;
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes + OVERHEAD_BYTES;
  }
}
