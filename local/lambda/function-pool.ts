import { type EpochMs, minus, plus } from "../../shared/time/time.ts";
import type { ExecutionEnvironment } from "./execution-environment.ts";
import type { Invocation } from "./invocation.ts";
import type { Lifetimes } from "./lifetimes.ts";

export type PoolOptions = {
  /** Environments at once; further invocations wait for one. */
  readonly maxEnvironments: number;
  readonly lifetimes: Lifetimes;
  /** Starts a child process that calls back through the service. */
  readonly start: () => ExecutionEnvironment;
  /** A number in [0, 1): picks among the idle ones, and decides which invocation gets a new one. */
  readonly random: () => number;
};

/** An invocation that waits for an environment. */
type Waiting = {
  readonly invocation: Invocation;
  /** Whether it must have a new environment, although a warm one may be idle. */
  readonly cold: boolean;
};

/**
 * The environments of one version of a function. An idle one is picked at random, so that no caller (no shard, above
 * all) keeps meeting the same warm memory by accident.
 */
export class FunctionPool {
  readonly #options: PoolOptions;
  /** Those that are not killed yet. */
  readonly #environments = new Set<ExecutionEnvironment>();
  readonly #ending = new Set<ExecutionEnvironment>();
  readonly #waiting: Waiting[] = [];
  readonly #emptied = Promise.withResolvers<void>();
  #maxEnvironments: number;
  #closed = false;
  #retired = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#maxEnvironments = options.maxEnvironments;
  }

  submit(invocation: Invocation): void {
    const cold = this.#options.random() < this.#options.lifetimes.coldStartShare;
    this.#waiting.push({ invocation, cold });
    this.#pump();
  }

  /** One of the environments can take an invocation. */
  idle(): void {
    this.#pump();
  }

  /** Sets how many environments there may be at once; what is there beyond it goes on. */
  resize(maxEnvironments: number): void {
    this.#maxEnvironments = maxEnvironments;
    this.#pump();
  }

  /** Ends environments that have waited, or lived, for too long. */
  reap(now: EpochMs): void {
    const { idle, age } = this.#options.lifetimes;
    for (const environment of this.#environments) {
      const old = environment.idleSince < minus(now, idle) || plus(environment.startedAt, age) < now;
      if (!environment.busy && old) this.#kill(environment);
    }
  }

  /** An environment's process ended; an init that failed fails the invocation that waited longest. */
  gone(environment: ExecutionEnvironment, initFailure: Uint8Array | undefined): void {
    const wasKilled = this.#ending.delete(environment);
    this.#environments.delete(environment);
    if (initFailure !== undefined && !wasKilled) {
      const first = this.#waiting.shift();
      if (first !== undefined) fail(first.invocation, initFailure);
    }
    this.#pump();
  }

  /**
   * Another version takes the further invocations: environments finish what this one was given, and end.
   * @returns when the last one is gone
   */
  async retire(): Promise<void> {
    this.#retired = true;
    this.#pump();
    await this.#emptied.promise;
  }

  /** Kills every process; what still waits is settled as if its environment had died. */
  async close(failure: Uint8Array): Promise<void> {
    this.#closed = true;
    for (const { invocation } of this.#waiting.splice(0)) fail(invocation, failure);
    await Promise.all([...this.#environments, ...this.#ending].map((environment) => environment.stop()));
  }

  #pump(): void {
    if (!this.#closed) {
      this.#assign();
      this.#startMissing();
      if (this.#retired && this.#waiting.length === 0)
        for (const environment of this.#environments) if (!environment.busy) this.#kill(environment);
    }
    if (this.#environments.size === 0 && this.#ending.size === 0) this.#emptied.resolve();
  }

  #assign(): void {
    const idle = [...this.#environments].filter((environment) => environment.idle);
    for (const waiting of [...this.#waiting]) {
      const able = idle.filter(({ fresh }) => fresh || !waiting.cold);
      const environment = able[Math.floor(this.#options.random() * able.length)];
      if (environment === undefined) continue;
      idle.splice(idle.indexOf(environment), 1);
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      environment.run(waiting.invocation);
    }
  }

  #startMissing(): void {
    const environments = [...this.#environments];
    const spare = environments.filter((environment) => environment.idle);
    // those that load their handler, or have answered and not yet asked again, will come for work by themselves
    let soon = environments.filter(({ busy, idle }) => !busy && !idle).length;
    for (; soon < this.#waiting.length; soon++) {
      if (this.#environments.size >= this.#maxEnvironments) {
        // what is idle now is warm, and all that wait must start cold
        const replaced = spare.pop();
        if (replaced === undefined) return;
        this.#kill(replaced);
      }
      this.#environments.add(this.#options.start());
    }
  }

  #kill(environment: ExecutionEnvironment): void {
    this.#environments.delete(environment);
    this.#ending.add(environment);
    environment.kill();
  }
}

const fail = ({ settle, requestId }: Invocation, payload: Uint8Array): void =>
  settle({ requestId, payload, functionError: "Unhandled", logTail: "" });
