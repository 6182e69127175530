/**
 * How a batch is undone. Operators change their state in place and note, at the first touch of each
 * piece in a batch, how to put it back: reading and writing state costs no overlay look-up, and a batch
 * that lost the commit race leaves no trace.
 */
export class Journal {
  readonly #undo: (() => void)[] = [];
  #batch = 1;

  /** Grows with every batch; what carries this number was touched in the current one. */
  get batch(): number {
    return this.#batch;
  }

  /** Notes how to take one change back. */
  note(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Keeps what the batch changed. */
  keep(): void {
    this.#undo.length = 0;
    this.#batch += 1;
  }

  /** Takes back all that the batch changed, newest first. */
  rollback(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
    this.keep();
  }
}
