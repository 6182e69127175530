import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { type EpochMs, milliseconds } from "../../shared/time/time.ts";
import { ServiceError } from "../models/service-error.ts";
import { machineWait } from "../sources/wait.ts";
import { AsyncInvocations } from "./async-invocations.ts";
import { Concurrency } from "./concurrency.ts";
import type { Deliver } from "./destinations.ts";
import { DEFAULT_EVENT_INVOKE_CONFIG, type EventInvokeConfig } from "./event-invoke-config.ts";
import { ExecutionEnvironment } from "./execution-environment.ts";
import type { FunctionConfig } from "./function-config.ts";
import { credentialsOf, type FunctionIdentity } from "./function-credentials.ts";
import { checkEnvironment } from "./function-environment.ts";
import { FunctionLogs } from "./function-logs.ts";
import { FunctionPool } from "./function-pool.ts";
import { checkJson, checkSize, type InvokeResult } from "./invocation.ts";
import type { FunctionProcess, LambdaCounters, LambdaServiceOptions } from "./lambda-options.ts";
import { DEFAULT_LIFETIMES } from "./lifetimes.ts";
import { sandboxFailure } from "./sandbox-failure.ts";

/** A function and all that it has. */
type Entry = {
  config: FunctionConfig;
  readonly pool: FunctionPool;
  events: EventInvokeConfig;
};

const RUNTIME_PATH = /^\/_lambda\/([^/]+)\/2018-06-01\/runtime(\/.*)$/;
const REAP_EVERY_MS = 60_000;

/** Lambda on this machine: functions in child processes that speak the Lambda Runtime API. */
export class LambdaService {
  readonly logs: FunctionLogs;
  readonly #options: LambdaServiceOptions;
  readonly #functions = new Map<string, Entry>();
  /** Pools of versions that were replaced or removed, as long as one of their environments is at work. */
  readonly #retired = new Set<FunctionPool>();
  readonly #environments = new Map<string, ExecutionEnvironment>();
  readonly #concurrency: Concurrency;
  readonly #async: AsyncInvocations;
  readonly #reaper: NodeJS.Timeout;
  readonly #counters = { started: 0, killed: 0, invocations: 0, errors: 0, throttles: 0 };
  #closed = false;

  constructor(options: LambdaServiceOptions) {
    const { clock, accountConcurrency = 1_000, wait = machineWait, deliver = nothingTakes } = options;
    this.#options = options;
    this.logs = new FunctionLogs(clock);
    this.#concurrency = new Concurrency(accountConcurrency, clock);
    this.#async = new AsyncInvocations({
      clock,
      wait,
      run: (functionName, payload, requestId) => this.#run(functionName, payload, requestId),
      configOf: (functionName) => this.#functions.get(functionName),
      isOff: (functionName) => this.#concurrency.isOff(functionName),
      deliver: (arn, message) => {
        if (arn.split(":")[2] === "lambda") this.invokeEvent(arn, message.body);
        else deliver(arn, message);
      },
    });
    this.#reaper = setInterval(() => this.reap(), REAP_EVERY_MS).unref();
  }

  /**
   * Makes a function known; nothing starts before its first invocation.
   * @throws ServiceError ResourceConflictException where there is one of that name; InvalidParameterValueException
   */
  create(config: FunctionConfig): void {
    if (this.#functions.has(config.functionName))
      throw new ServiceError(
        "ResourceConflictException",
        `Function already exist: ${config.functionName}`,
        409,
      );
    this.#add(config, DEFAULT_EVENT_INVOKE_CONFIG);
  }

  /**
   * Gives a function new code or a new configuration. Invocations from now on run in environments of it; those of
   * the old one finish what they were given, and end. The same configuration again changes nothing, and another
   * reserved concurrency no environment.
   * @throws ServiceError ResourceNotFoundException, InvalidParameterValueException
   */
  update(config: FunctionConfig): void {
    const entry = this.#find(config.functionName);
    if (isDeepStrictEqual(withoutConcurrency(config), withoutConcurrency(entry.config))) {
      entry.config = config;
      entry.pool.resize(this.#processesOf(config));
      this.#concurrency.reserve(config.functionName, config.reservedConcurrency);
      return;
    }
    this.#add(config, entry.events);
    this.#retire(entry.pool);
  }

  /**
   * Forgets a function. Invocations that it has taken finish; events that wait for it are dropped.
   * @throws ServiceError ResourceNotFoundException
   */
  remove(nameOrArn: string): void {
    const { config, pool } = this.#find(nameOrArn);
    this.#functions.delete(config.functionName);
    this.#concurrency.reserve(config.functionName, undefined);
    this.#retire(pool);
  }

  /**
   * Says what becomes of a function's asynchronous events.
   * @param events - without it as for a function of which nothing was said
   * @throws ServiceError ResourceNotFoundException
   */
  configureEvents(nameOrArn: string, events: EventInvokeConfig = DEFAULT_EVENT_INVOKE_CONFIG): void {
    this.#find(nameOrArn).events = events;
  }

  /**
   * Says that a function's code, the same as before, lies in another folder now. What runs goes on.
   * @throws ServiceError ResourceNotFoundException
   */
  relocate(nameOrArn: string, taskRoot: string): void {
    const entry = this.#find(nameOrArn);
    entry.config = { ...entry.config, taskRoot };
  }

  /**
   * Runs a function and waits for its result.
   * @param nameOrArn - with or without a version or alias, which is ignored: there is one version here
   * @param payload - JSON text, at most 6 MB; passed through as it is
   * @throws ServiceError ResourceNotFoundException, RequestTooLargeException, TooManyRequestsException,
   *   ServiceException after close
   */
  async invoke(nameOrArn: string, payload: string | Uint8Array): Promise<InvokeResult> {
    const { config } = this.#find(nameOrArn);
    checkSize(payload, "RequestResponse");
    return this.#run(config.functionName, payload, randomUUID());
  }

  /**
   * Queues an event for a function, which is tried again where it fails. `taken` resolves to whether the function has
   * taken it in the end, and never rejects.
   * @param payload - JSON text, at most 1 MB
   * @param onAttempt - gets each attempt as it begins
   * @throws ServiceError ResourceNotFoundException, RequestTooLargeException, InvalidRequestContentException
   */
  invokeEvent(
    nameOrArn: string,
    payload: string | Uint8Array,
    onAttempt?: (attempt: Promise<unknown>) => void,
  ): { readonly requestId: string; readonly taken: Promise<boolean> } {
    const { config, events } = this.#find(nameOrArn);
    checkSize(payload, "Event");
    checkJson(payload);
    return this.#async.submit(config.functionName, payload, events, onAttempt);
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
    return { ...this.#counters, ...this.#async.counters };
  }

  /** Ends environments that have waited, or lived, for too long. It does so by itself each minute. */
  reap(): void {
    for (const { pool } of this.#functions.values()) pool.reap(this.#options.clock.now());
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
    clearInterval(this.#reaper);
    const events = this.#async.close();
    const failure = sandboxFailure(
      "Runtime.ExitError",
      "Error: Runtime exited with error: the local cloud closed",
    );
    const pools = [...this.#functions.values()].map(({ pool }) => pool);
    await Promise.all([...pools, ...this.#retired].map((pool) => pool.close(failure)));
    await events;
  }

  #add(config: FunctionConfig, events: EventInvokeConfig): void {
    checkEnvironment(config.environment);
    const { lifetimes, random = Math.random } = this.#options;
    const pool: FunctionPool = new FunctionPool({
      maxEnvironments: this.#processesOf(config),
      lifetimes: { ...DEFAULT_LIFETIMES, ...lifetimes },
      start: () => this.#start(entry.config, pool),
      random,
    });
    const entry: Entry = { config, pool, events };
    this.#functions.set(config.functionName, entry);
    this.#concurrency.reserve(config.functionName, config.reservedConcurrency);
  }

  #processesOf({ reservedConcurrency }: FunctionConfig): number {
    return reservedConcurrency ?? this.#options.concurrency ?? 4;
  }

  async #run(functionName: string, payload: string | Uint8Array, requestId: string): Promise<InvokeResult> {
    const { pool } = this.#find(functionName);
    if (this.#closed) throw new ServiceError("ServiceException", "The local cloud is closed", 500);
    const at = this.#options.clock.now();
    const leave = this.#enter(functionName, at);
    const { promise, resolve } = Promise.withResolvers<InvokeResult>();
    pool.submit({ requestId, payload, settle: resolve });
    const result = await promise;
    leave();
    this.#counters.invocations += 1;
    const outcome = result.functionError === undefined ? "success" : "error";
    if (outcome === "error") this.#counters.errors += 1;
    this.#options.onExecution?.({
      functionName,
      at,
      duration: milliseconds(this.#options.clock.now() - at),
      outcome,
    });
    return result;
  }

  #enter(functionName: string, at: EpochMs): () => void {
    try {
      return this.#concurrency.enter(functionName);
    } catch (error) {
      this.#counters.throttles += 1;
      this.#options.onExecution?.({ functionName, at, duration: milliseconds(0), outcome: "throttle" });
      throw error;
    }
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

  #find(nameOrArn: string): Entry {
    const found = this.#functions.get(functionNameOf(nameOrArn));
    if (found !== undefined) return found;
    throw new ServiceError("ResourceNotFoundException", `Function not found: ${nameOrArn}`, 404);
  }
}

const withoutConcurrency = ({ reservedConcurrency: _, ...config }: FunctionConfig): object => config;

const nothingTakes: Deliver = (arn) => {
  throw new ServiceError("ResourceNotFoundException", `nothing takes records for ${arn}`, 404);
};

/** `name[:alias]`, `arn:aws:lambda:region:account:function:name[:alias]` and `account:function:name[:alias]` → `name`. */
function functionNameOf(nameOrArn: string): string {
  const parts = nameOrArn.split(":");
  const marker = parts.indexOf("function");
  return (marker > 0 ? parts[marker + 1] : parts[0]) ?? nameOrArn;
}
