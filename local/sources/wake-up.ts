/** Wakes everybody who waits, each time something has changed. */
export class WakeUp {
  #next = Promise.withResolvers<void>();

  /** Resolves at the next `wake`. Ask for it before looking at what may change, or a wake-up is missed. */
  next(): Promise<void> {
    return this.#next.promise;
  }

  wake(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers<void>();
    resolve();
  }
}
