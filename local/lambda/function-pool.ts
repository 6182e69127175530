import type { ExecutionEnvironment } from "./execution-environment.ts";
import type { Invocation } from "./invocation.ts";

export type PoolOptions = {
  /** Environments at once; further invocations wait for one. */
  readonly maxEnvironments: number;
  /** Starts a child process that calls back through the service. */
  readonly start: () => ExecutionEnvironment;
  /** A number in [0, 1) that picks among the idle ones. */
  readonly random: () => number;
};

/**
 * The environments of one version of a function. An idle one is picked at random, so that no caller (no shard, above all)
 * keeps meeting the same warm memory by accident.
 */
export class FunctionPool {
  readonly #options: PoolOptions;
  readonly #environments = new Set<ExecutionEnvironment>();
  readonly #waiting: Invocation[] = [];
  readonly #emptied = Promise.withResolvers<void>();
  #closed = false;
  #retired = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  environments(): readonly ExecutionEnvironment[] {
    return [...this.#environments];
  }

  submit(invocation: Invocation): void {
    this.#waiting.push(invocation);
    this.#pump();
  }

  /** One of the environments can take an invocation. */
  idle(): void {
    this.#pump();
  }

  /** An environment's process ended; an init that failed fails the invocation that waited longest. */
  gone(environment: ExecutionEnvironment, initFailure: Uint8Array | undefined): void {
    this.#environments.delete(environment);
    if (initFailure !== undefined) {
      const invocation = this.#waiting.shift();
      const { requestId } = invocation ?? { requestId: "" };
      invocation?.settle({ requestId, payload: initFailure, functionError: "Unhandled", logTail: "" });
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
    for (const { settle, requestId } of this.#waiting.splice(0))
      settle({ requestId, payload: failure, functionError: "Unhandled", logTail: "" });
    await Promise.all(this.environments().map((environment) => environment.stop()));
  }

  #pump(): void {
    if (this.#closed) {
      if (this.#environments.size === 0) this.#emptied.resolve();
      return;
    }
    const idle = this.environments().filter((environment) => environment.idle);
    while (this.#waiting.length > 0 && idle.length > 0) {
      const [environment] = idle.splice(Math.floor(this.#options.random() * idle.length), 1);
      const invocation = this.#waiting.shift();
      if (environment !== undefined && invocation !== undefined) environment.run(invocation);
    }
    // those that load their handler, or have answered and not yet asked again, will come for work by themselves
    let soon = this.environments().filter(({ busy, idle }) => !busy && !idle).length;
    for (; soon < this.#waiting.length && this.#environments.size < this.#options.maxEnvironments; soon++)
      this.#environments.add(this.#options.start());
    if (this.#retired && this.#waiting.length === 0) this.#end();
  }

  #end(): void {
    for (const environment of this.#environments) if (!environment.busy) environment.kill();
    if (this.#environments.size === 0) this.#emptied.resolve();
  }
}
