import { messageOf } from "../../shared/errors/millrace-error.ts";
import type { DurationMs } from "../../shared/time/time.ts";
import type { SourceStats } from "./event-source.ts";
import type { Wait } from "./wait.ts";
import { WakeUp } from "./wake-up.ts";

/** The on, off and end of a source, and the counters that its loops share. */
export class RunControl {
  readonly changed: WakeUp = new WakeUp();
  readonly counters: {
    invocations: number;
    failedInvocations: number;
    delivered: number;
    discarded: number;
  } = {
    invocations: 0,
    failedInvocations: 0,
    delivered: 0,
    discarded: 0,
  };
  readonly #wait: Wait;
  readonly #abort = new AbortController();
  readonly #loops = new Set<Promise<void>>();
  readonly #running = new Set<Promise<unknown>>();
  #enabled = true;
  #failure: unknown;

  constructor(wait: Wait) {
    this.#wait = wait;
  }

  stats(): SourceStats {
    return { ...this.counters, ...(this.#failure !== undefined && { failure: messageOf(this.#failure) }) };
  }

  get stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Runs a loop until it ends by itself; `close` waits for it, and reports what it threw. */
  run(loop: () => Promise<void>): void {
    const running = loop()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#loops.delete(running));
    this.#loops.add(running);
  }

  /** Waits while the source is disabled. False: the source was stopped. */
  async mayGoOn(): Promise<boolean> {
    while (!this.#enabled && !this.stopped) await this.changed.next();
    return !this.stopped;
  }

  /** Runs work that `disable` must wait for. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Lets time pass; returns early when the source is stopped, or when `cancel` fires. */
  pause(duration: DurationMs, cancel?: AbortSignal): Promise<void> {
    const { signal } = this.#abort;
    return this.#wait(duration, cancel === undefined ? signal : AbortSignal.any([signal, cancel]));
  }

  /** Whether work runs that `disable` would wait for. */
  get working(): boolean {
    return this.#running.size > 0;
  }

  enable(): void {
    this.#enabled = true;
    this.changed.wake();
  }

  async disable(): Promise<void> {
    this.#enabled = false;
    await Promise.allSettled(this.#running);
  }

  /** @throws whatever made one of the loops end before its time */
  async close(): Promise<void> {
    this.#abort.abort();
    this.changed.wake();
    while (this.#loops.size > 0) await Promise.all(this.#loops);
    if (this.#failure !== undefined) throw this.#failure;
  }
}
