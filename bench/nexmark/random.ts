/** The sfc32 generator, seeded from a stream's seed and an event's number: every event has numbers of its own. */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  seed(seed: number, n: number): this {
    this.#a = seed | 0;
    this.#b = n | 0;
    this.#c = Math.floor(n / 2 ** 32) ^ 0x9e3779b9;
    this.#d = 1;
    for (let i = 0; i < 12; i += 1) this.#next();
    return this;
  }

  #next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  /** At least 0, below 1. */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from 0, below `n`. */
  int(n: number): number {
    return Math.floor(this.fraction() * n);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(values.length)] as T;
  }

  letters(count: number): string {
    let text = "";
    for (let i = 0; i < count; i += 1) text += String.fromCharCode(97 + this.int(26));
    return text;
  }

  /** From three letters up to `most`. */
  word(most: number): string {
    return this.letters(3 + this.int(most - 2));
  }

  /** Cents, from 1 dollar up to a million, as many of each magnitude. */
  price(): number {
    return Math.round(10 ** (this.fraction() * 6) * 100);
  }
}
