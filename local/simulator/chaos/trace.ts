/** What happened in a run, as a number that tells two runs apart, and what must not happen. */
export class Trace {
  steps = 0;
  /** By fault: how often it had its effect. */
  readonly injected: Record<string, number> = {};
  readonly violations: string[] = [];
  readonly #listen: ((line: string) => void) | undefined;
  #hash = 0x811c9dc5;

  /** @param listen - is told of each thing that happens */
  constructor(listen?: (line: string) => void) {
    this.#listen = listen;
  }

  /** FNV-1a over all that was added. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  add(what: string): void {
    for (let i = 0; i < what.length; i += 1)
      this.#hash = Math.imul(this.#hash ^ what.charCodeAt(i), 0x01000193);
    this.#listen?.(`${this.steps} ${what}`);
  }

  count(fault: string): void {
    this.injected[fault] = (this.injected[fault] ?? 0) + 1;
  }

  fail(sentence: string): void {
    this.violations.push(sentence);
  }
}
