import { type ChildProcess, spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import type { FaultyProcess } from "../faults/fault-driver.ts";
import type { FunctionConfig } from "./function-config.ts";
import { processEnvironment } from "./function-environment.ts";
import { type FunctionLogs, logStreamOf } from "./function-logs.ts";
import { type Invocation, PAYLOAD_LIMIT_BYTES } from "./invocation.ts";
import { sandboxFailure } from "./sandbox-failure.ts";

const BOOTSTRAP = fileURLToPath(new URL("./bootstrap.mjs", import.meta.url));
const LOG_TAIL_CHARACTERS = 4_096;
/** Lambda gives an init 10 s; a laptop that starts many at once gets a little more. */
const INIT_LIMIT_MS = 30_000;

export type EnvironmentOptions = {
  readonly id: string;
  readonly config: FunctionConfig;
  readonly endpoint: string;
  readonly region: string;
  readonly clock: Clock;
  readonly logs: FunctionLogs;
  /** By how much the clock of a new environment is wrong, in milliseconds. @default not at all */
  readonly clockSkewOf?: (functionName: string) => number;
  /** An invocation has begun in its process. */
  readonly onRun?: (process: FaultyProcess) => void;
  /** The handler is loaded, or the last invocation is over: it can take one. */
  readonly onIdle: () => void;
  /** The process has ended. `initFailure` is set when it never became ready. */
  readonly onGone: (environment: ExecutionEnvironment, initFailure: Uint8Array | undefined) => void;
};

/** One Lambda execution environment: a child process that takes one invocation at a time. */
export class ExecutionEnvironment {
  readonly id: string;
  readonly #options: EnvironmentOptions;
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  readonly startedAt: EpochMs;
  readonly logStream: string;
  #ready = false;
  #killed = false;
  #invocations = 0;
  #idleSince: EpochMs;
  /** The child's unanswered request for its next invocation. */
  #parked: ServerResponse | undefined;
  #running: Invocation | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #failure: Uint8Array | undefined;
  #tail = "";

  constructor(options: EnvironmentOptions) {
    this.id = options.id;
    this.#options = options;
    const { config } = options;
    this.startedAt = options.clock.now();
    this.#idleSince = this.startedAt;
    this.logStream = logStreamOf(this.startedAt, this.id);
    this.#process = spawn(process.execPath, [BOOTSTRAP], {
      cwd: config.taskRoot,
      env: processEnvironment(config, {
        ...options,
        environmentId: options.id,
        logStream: this.logStream,
        clockSkewMs: options.clockSkewOf?.(config.functionName) ?? 0,
      }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      if (stream !== null) createInterface({ input: stream }).on("line", (line) => this.#log(line));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exited = promise;
    const gone = (how: string) => {
      this.#ended(how);
      resolve();
    };
    this.#process.once("exit", (code, signal) => gone(exitStatus(code, signal)));
    this.#process.once("error", (error) => gone(error.message));
    this.#deadline = setTimeout(() => {
      const message = `Error: Task timed out after ${(INIT_LIMIT_MS / 1_000).toFixed(2)} seconds`;
      this.#stop("Sandbox.Timedout", message);
    }, INIT_LIMIT_MS);
  }

  get functionName(): string {
    return this.#options.config.functionName;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Whether the child waits for work on a connection that still stands. */
  get idle(): boolean {
    return !this.#killed && this.#parked !== undefined && !this.#parked.destroyed;
  }

  /** Whether it has not had an invocation yet: the next one is a cold start. */
  get fresh(): boolean {
    return this.#invocations === 0;
  }

  /** When its last invocation was over, or it was started. */
  get idleSince(): EpochMs {
    return this.#idleSince;
  }

  /** Hands the invocation to the waiting child. The caller has seen that it is idle. */
  run(invocation: Invocation): void {
    const { config, clock } = this.#options;
    const response = this.#parked;
    this.#parked = undefined;
    this.#running = invocation;
    this.#invocations += 1;
    this.#tail = "";
    this.#deadline = setTimeout(() => {
      const seconds = (config.timeout / 1_000).toFixed(2);
      const message = `RequestId: ${invocation.requestId} Error: Task timed out after ${seconds} seconds`;
      this.#stop("Sandbox.Timedout", message);
    }, config.timeout);
    response?.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(invocation.payload),
      "lambda-runtime-aws-request-id": invocation.requestId,
      "lambda-runtime-deadline-ms": clock.now() + config.timeout,
      "lambda-runtime-invoked-function-arn": config.arn,
    });
    response?.end(invocation.payload);
    this.#options.onRun?.({
      functionName: config.functionName,
      pid: this.pid,
      busy: () => this.#running === invocation,
    });
  }

  /** Serves the child's own calls of the Runtime API; `path` starts after `/runtime`. */
  handle(path: string, request: IncomingMessage, response: ServerResponse, body: Uint8Array): void {
    const invocation = this.#running;
    if (request.method === "GET" && path === "/invocation/next") this.#park(response);
    else if (path === "/init/error") this.#initFailed(response, body);
    else if (invocation !== undefined && path === `/invocation/${invocation.requestId}/response`)
      this.#respond(invocation, response, body);
    else if (invocation !== undefined && path === `/invocation/${invocation.requestId}/error`)
      this.#answer(invocation, response, body, "Unhandled");
    else response.writeHead(404).end();
  }

  /** Ends the process at once; `onGone` is called when it is gone. */
  kill(): void {
    this.#killed = true;
    this.#process.kill("SIGKILL");
  }

  /** Ends the process at once and waits until it is gone. */
  async stop(): Promise<void> {
    this.kill();
    await this.#exited;
  }

  #park(response: ServerResponse): void {
    clearTimeout(this.#deadline);
    this.#ready = true;
    this.#parked = response;
    this.#options.onIdle();
  }

  #initFailed(response: ServerResponse, body: Uint8Array): void {
    this.#failure = body;
    response.writeHead(202).end();
  }

  #respond(invocation: Invocation, response: ServerResponse, body: Uint8Array): void {
    if (body.byteLength <= PAYLOAD_LIMIT_BYTES) {
      this.#answer(invocation, response, body, undefined);
      return;
    }
    const message = `Response payload size exceeded maximum allowed payload size (${PAYLOAD_LIMIT_BYTES} bytes).`;
    this.#answer(invocation, response, sandboxFailure("Function.ResponseSizeTooLarge", message), "Unhandled");
  }

  #answer(
    invocation: Invocation,
    response: ServerResponse,
    payload: Uint8Array,
    functionError: "Unhandled" | undefined,
  ): void {
    response.writeHead(202).end();
    this.#settle(invocation, payload, functionError);
  }

  #settle(invocation: Invocation, payload: Uint8Array, functionError: "Unhandled" | undefined): void {
    clearTimeout(this.#deadline);
    this.#running = undefined;
    this.#idleSince = this.#options.clock.now();
    const { requestId } = invocation;
    invocation.settle({ requestId, payload, logTail: this.#tail, ...(functionError && { functionError }) });
  }

  /** Kills the process for a reason of the service's own, which then stands for the exit. */
  #stop(errorType: string, message: string): void {
    this.#log(message);
    this.#failure = sandboxFailure(errorType, message);
    this.kill();
  }

  #ended(how: string): void {
    clearTimeout(this.#deadline);
    this.#parked = undefined;
    const invocation = this.#running;
    const request = invocation === undefined ? "" : `RequestId: ${invocation.requestId} `;
    const message = `${request}Error: Runtime exited with error: ${how}`;
    const failure = this.#failure ?? sandboxFailure("Runtime.ExitError", message);
    if (invocation !== undefined) this.#settle(invocation, failure, "Unhandled");
    this.#options.onGone(this, this.#ready ? undefined : failure);
  }

  #log(line: string): void {
    this.#tail = `${this.#tail}${line}\n`.slice(-LOG_TAIL_CHARACTERS);
    this.#options.logs.append(this.#options.config.functionName, line, this.logStream);
  }
}

const exitStatus = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === null ? `exit status ${code}` : `signal: ${signal === "SIGKILL" ? "killed" : signal}`;
