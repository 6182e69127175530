/** What happened in a run, as a number that tells two runs apart, and what must not happen. */
export class Trace {
  steps = 0;
  readonly mishaps: Record<string, number> = {};
  readonly violations: string[] = [];
  #hash = 0x811c9dc5;

  /** FNV-1a over all that was added. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  add(what: string): void {
    this.steps += 1;
    for (let i = 0; i < what.length; i += 1)
      this.#hash = Math.imul(this.#hash ^ what.charCodeAt(i), 0x01000193);
  }

  count(mishap: string): void {
    this.mishaps[mishap] = (this.mishaps[mishap] ?? 0) + 1;
  }

  fail(sentence: string): void {
    this.violations.push(sentence);
  }
}
