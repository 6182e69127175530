import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../shared/time/clock.ts";
import { ServiceError } from "../models/service-error.ts";
import { ExecutionEnvironment } from "./execution-environment.ts";
import type { FunctionConfig } from "./function-config.ts";
import { credentialsOf, type FunctionIdentity } from "./function-credentials.ts";
import { FunctionLogs } from "./function-logs.ts";
import { FunctionPool } from "./function-pool.ts";
import { type InvokeResult, PAYLOAD_LIMIT_BYTES } from "./invocation.ts";
import { sandboxFailure } from "./sandbox-failure.ts";

/** A child process that runs now. */
export type FunctionProcess = {
  readonly functionName: string;
  readonly pid: number;
  /** Whether an invocation runs in it. */
  readonly busy: boolean;
};

/** What happened since the service started. */
export type LambdaCounters = {
  /** Processes started. */
  readonly started: number;
  /** Processes that ended while the service was open, whatever the reason. */
  readonly killed: number;
  readonly invocations: number;
  /** Invocations that ended in a function error. */
  readonly errors: number;
};

export type LambdaServiceOptions = {
  /** Where the Runtime API (`handle`) and the other local services answer, `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly region: string;
  readonly clock: Clock;
  /** Environments per function without reserved concurrency. @default 4 */
  readonly concurrency?: number;
  /** Picks among idle environments. @default Math.random */
  readonly random?: () => number;
};

const RUNTIME_PATH = /^\/_lambda\/([^/]+)\/2018-06-01\/runtime(\/.*)$/;

/** Lambda on this machine: functions in child processes that speak the Lambda Runtime API. */
export class LambdaService {
  readonly logs: FunctionLogs;
  readonly #options: LambdaServiceOptions;
  readonly #functions = new Map<string, { readonly config: FunctionConfig; readonly pool: FunctionPool }>();
  /** Pools of versions that were replaced or removed, as long as one of their environments is at work. */
  readonly #retired = new Set<FunctionPool>();
  readonly #environments = new Map<string, ExecutionEnvironment>();
  readonly #counters = { started: 0, killed: 0, invocations: 0, errors: 0 };
  #closed = false;

  constructor(options: LambdaServiceOptions) {
    this.#options = options;
    this.logs = new FunctionLogs(options.clock);
  }

  /**
   * Makes a function known; nothing starts before its first invocation.
   * @throws ServiceError ResourceConflictException where there is one of that name
   */
  create(config: FunctionConfig): void {
    if (this.#functions.has(config.functionName))
      throw new ServiceError(
        "ResourceConflictException",
        `Function already exist: ${config.functionName}`,
        409,
      );
    this.#add(config);
  }

  /**
   * Gives a function new code or a new configuration. Invocations from now on run in environments of it; those of
   * the old one finish what they were given, and end.
   * @throws ServiceError ResourceNotFoundException
   */
  update(config: FunctionConfig): void {
    const { config: old, pool } = this.#find(config.functionName);
    if (isDeepStrictEqual(config, old)) return;
    this.#add(config);
    this.#retire(pool);
  }

  /**
   * Forgets a function. Invocations that it has taken finish.
   * @throws ServiceError ResourceNotFoundException
   */
  remove(nameOrArn: string): void {
    const { config, pool } = this.#find(nameOrArn);
    this.#functions.delete(config.functionName);
    this.#retire(pool);
  }

  #add(config: FunctionConfig): void {
    const maxEnvironments = Math.max(1, config.reservedConcurrency ?? this.#options.concurrency ?? 4);
    const pool: FunctionPool = new FunctionPool({
      maxEnvironments,
      start: () => this.#start(config, pool),
      random: this.#options.random ?? Math.random,
    });
    this.#functions.set(config.functionName, { config, pool });
  }

  /**
   * Runs a function and waits for its result. More invocations than environments wait in order.
   * @param nameOrArn - with or without a version or alias, which is ignored: there is one version here
   * @param payload - JSON text, at most 6 MB; passed through as it is
   * @throws ServiceError ResourceNotFoundException, RequestTooLargeException, ServiceException after close
   */
  async invoke(nameOrArn: string, payload: string | Uint8Array): Promise<InvokeResult> {
    const { pool } = this.#find(nameOrArn);
    if (this.#closed) throw new ServiceError("ServiceException", "The local cloud is closed", 500);
    const bytes = Buffer.byteLength(payload);
    if (bytes > PAYLOAD_LIMIT_BYTES) {
      const message = `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${PAYLOAD_LIMIT_BYTES} bytes)`;
      throw new ServiceError("RequestTooLargeException", message, 413);
    }
    const { promise, resolve } = Promise.withResolvers<InvokeResult>();
    pool.submit({ requestId: randomUUID(), payload, settle: resolve });
    const result = await promise;
    this.#counters.invocations += 1;
    if (result.functionError !== undefined) this.#counters.errors += 1;
    return result;
  }

  /** The configuration of a function, by name or ARN. */
  configOf(nameOrArn: string): FunctionConfig {
    return this.#find(nameOrArn).config;
  }

  /** The function whose environments hold an access key; undefined for any other key. */
  identityOf(accessKeyId: string): FunctionIdentity | undefined {
    for (const { config } of this.#functions.values()) {
      const credentials = credentialsOf(config.functionName);
      if (credentials.accessKeyId === accessKeyId)
        return { functionName: config.functionName, role: config.role, credentials };
    }
    return undefined;
  }

  functionNames(): readonly string[] {
    return [...this.#functions.keys()];
  }

  /** Processes that run now, for whoever wants to kill one. */
  processes(): readonly FunctionProcess[] {
    return [...this.#environments.values()].flatMap(({ functionName, pid, busy }) =>
      pid === undefined ? [] : [{ functionName, pid, busy }],
    );
  }

  counters(): LambdaCounters {
    return { ...this.#counters };
  }

  /** Answers a Runtime API request of a child process; false when the request is not for it. */
  handle(request: IncomingMessage, response: ServerResponse, body: Uint8Array): boolean {
    const [, id, path] = RUNTIME_PATH.exec(request.url ?? "") ?? [];
    if (id === undefined || path === undefined) return false;
    const environment = this.#environments.get(id);
    if (environment === undefined) response.writeHead(403).end();
    else environment.handle(path, request, response, body);
    return true;
  }

  /** Kills every process and waits until the last one is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const failure = sandboxFailure(
      "Runtime.ExitError",
      "Error: Runtime exited with error: the local cloud closed",
    );
    const pools = [...this.#functions.values()].map(({ pool }) => pool);
    await Promise.all([...pools, ...this.#retired].map((pool) => pool.close(failure)));
  }

  #retire(pool: FunctionPool): void {
    this.#retired.add(pool);
    void pool.retire().then(() => this.#retired.delete(pool));
  }

  #start(config: FunctionConfig, pool: FunctionPool): ExecutionEnvironment {
    const environment = new ExecutionEnvironment({
      ...this.#options,
      id: randomUUID(),
      config,
      logs: this.logs,
      onIdle: () => pool.idle(),
      onGone: (gone, initFailure) => {
        if (!this.#closed) this.#counters.killed += 1;
        this.#environments.delete(gone.id);
        pool.gone(gone, initFailure);
      },
    });
    this.#environments.set(environment.id, environment);
    this.#counters.started += 1;
    return environment;
  }

  #find(nameOrArn: string): { readonly config: FunctionConfig; readonly pool: FunctionPool } {
    const found = this.#functions.get(functionNameOf(nameOrArn));
    if (found !== undefined) return found;
    throw new ServiceError("ResourceNotFoundException", `Function not found: ${nameOrArn}`, 404);
  }
}

/** `name`, `name:alias`, `arn:aws:lambda:region:account:function:name[:alias]` → `name`. */
function functionNameOf(nameOrArn: string): string {
  const parts = nameOrArn.split(":");
  return (parts[0] === "arn" ? parts[6] : parts[0]) ?? nameOrArn;
}
