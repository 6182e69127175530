import { randomUUID } from "node:crypto";
import { type Clock, isoOf } from "../../shared/time/clock.ts";
import { type DurationMs, milliseconds, minutes, plus, seconds } from "../../shared/time/time.ts";
import type { Wait } from "../sources/wait.ts";
import type { Deliver } from "./destinations.ts";
import type { EventInvokeConfig } from "./event-invoke-config.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { InvokeResult } from "./invocation.ts";

/** Before the second attempt and before the third. */
const AFTER_ERROR: readonly DurationMs[] = [minutes(1), minutes(2)];
const LONGEST_AFTER_THROTTLE = minutes(5);
const ERROR_MESSAGE_BYTES = 1_024;

/** An event in its function's queue. */
type QueuedEvent = {
  readonly requestId: string;
  readonly functionName: string;
  readonly payload: string | Uint8Array;
  readonly expiresAt: number;
  /** Gets each attempt as it begins. */
  readonly onAttempt: (attempt: Promise<unknown>) => void;
};

/** Why an event left the queue, in the words of the invocation record. */
type Condition = "Success" | "RetriesExhausted" | "EventAgeExceeded";

export type AsyncInvocationsOptions = {
  readonly clock: Clock;
  readonly wait: Wait;
  /** Runs the function once. Rejects where it could not be run, with a ServiceError. */
  readonly run: (
    functionName: string,
    payload: string | Uint8Array,
    requestId: string,
  ) => Promise<InvokeResult>;
  /** Undefined for a function that is gone. */
  readonly configOf: (
    functionName: string,
  ) => { readonly config: FunctionConfig; readonly events: EventInvokeConfig } | undefined;
  /** Whether a reserved concurrency of 0 switches the function off. */
  readonly isOff: (functionName: string) => boolean;
  readonly deliver: Deliver;
};

/**
 * The queue between an asynchronous invocation and its function. A function error is retried twice, after one minute
 * and after two; a throttle or an error of the service for up to six hours, after one second, two, four … five minutes
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
 */
export class AsyncInvocations {
  readonly counters: { discarded: number; undelivered: number } = { discarded: 0, undelivered: 0 };
  readonly #options: AsyncInvocationsOptions;
  readonly #abort = new AbortController();
  readonly #queued = new Set<Promise<unknown>>();

  constructor(options: AsyncInvocationsOptions) {
    this.#options = options;
  }

  /**
   * Queues an event. `taken` resolves to whether the function has taken it in the end; it never rejects.
   * @param onAttempt - gets each attempt as it begins
   */
  submit(
    functionName: string,
    payload: string | Uint8Array,
    events: EventInvokeConfig,
    onAttempt: QueuedEvent["onAttempt"] = () => {},
  ): { readonly requestId: string; readonly taken: Promise<boolean> } {
    const expiresAt = plus(this.#options.clock.now(), events.maximumEventAge);
    const event = { requestId: randomUUID(), functionName, payload, expiresAt, onAttempt };
    const taken = this.#work(event).finally(() => this.#queued.delete(taken));
    this.#queued.add(taken);
    return { requestId: event.requestId, taken };
  }

  /** Drops what waits; resolves when no attempt runs. */
  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#queued);
  }

  async #work(event: QueuedEvent): Promise<boolean> {
    const { clock, configOf, isOff, wait } = this.#options;
    const { functionName, expiresAt } = event;
    let [attempts, throttles] = [0, 0];
    let last: InvokeResult | undefined;
    for (;;) {
      const retries = configOf(functionName)?.events.maximumRetryAttempts;
      if (retries === undefined || this.#abort.signal.aborted) return false;
      if (clock.now() > expiresAt) return this.#leave(event, "EventAgeExceeded", attempts, last);
      const result = await this.#attempt(event);
      if (result === undefined) {
        if (isOff(functionName)) return this.#leave(event, "RetriesExhausted", attempts, last);
        await wait(afterThrottle(throttles++), this.#abort.signal);
        continue;
      }
      attempts += 1;
      last = result;
      if (result.functionError === undefined) return this.#leave(event, "Success", attempts, result);
      const pause = AFTER_ERROR[attempts - 1];
      if (attempts > retries || pause === undefined)
        return this.#leave(event, "RetriesExhausted", attempts, result);
      await wait(pause, this.#abort.signal);
    }
  }

  /** Undefined where the function could not be run, as for a throttle: the event goes back into the queue. */
  #attempt({ functionName, payload, requestId, onAttempt }: QueuedEvent): Promise<InvokeResult | undefined> {
    const attempt = this.#options.run(functionName, payload, requestId).catch(() => undefined);
    onAttempt(attempt);
    return attempt;
  }

  /** Tells the destinations; a destination that fails loses the record, as on AWS. */
  #leave(
    event: QueuedEvent,
    condition: Condition,
    attempts: number,
    result: InvokeResult | undefined,
  ): boolean {
    const taken = condition === "Success";
    if (!taken) this.counters.discarded += 1;
    const { config, events } = this.#options.configOf(event.functionName) ?? {};
    const destination = taken ? events?.onSuccess : events?.onFailure;
    if (destination !== undefined) {
      const record = this.#record(event, `${config?.arn}:$LATEST`, condition, attempts, result);
      this.#deliver(() =>
        this.#options.deliver(destination, {
          functionName: event.functionName,
          body: JSON.stringify(record),
        }),
      );
    }
    const deadLetters = taken ? undefined : config?.deadLetterArn;
    if (deadLetters !== undefined)
      this.#deliver(() => this.#options.deliver(deadLetters, deadLetter(event, result)));
    return taken;
  }

  #deliver(send: () => void): void {
    try {
      send();
    } catch {
      this.counters.undelivered += 1;
    }
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
  #record(
    { requestId, payload }: QueuedEvent,
    functionArn: string,
    condition: Condition,
    approximateInvokeCount: number,
    result: InvokeResult | undefined,
  ): object {
    return {
      version: "1.0",
      timestamp: isoOf(this.#options.clock.now()),
      requestContext: { requestId, functionArn, condition, approximateInvokeCount },
      requestPayload: jsonOf(payload),
      ...(result && {
        responseContext: {
          statusCode: 200,
          executedVersion: "$LATEST",
          ...(result.functionError && { functionError: result.functionError }),
        },
        responsePayload: jsonOf(result.payload),
      }),
    };
  }
}

const afterThrottle = (throttles: number): DurationMs =>
  milliseconds(Math.min(LONGEST_AFTER_THROTTLE, seconds(2 ** Math.min(throttles, 16))));

/** The event itself, with what went wrong in the message's attributes. */
function deadLetter({ requestId, functionName, payload }: QueuedEvent, result: InvokeResult | undefined) {
  const error: unknown = result === undefined ? undefined : jsonOf(result.payload);
  const message = isFailure(error) ? String(error.errorMessage) : "Rate Exceeded.";
  const text = Buffer.from(message).subarray(0, ERROR_MESSAGE_BYTES).toString();
  return {
    functionName,
    body: textOf(payload),
    attributes: {
      RequestID: { DataType: "String", StringValue: requestId },
      ErrorCode: { DataType: "Number", StringValue: result === undefined ? "429" : "200" },
      ErrorMessage: { DataType: "String", StringValue: text },
    },
  };
}

const isFailure = (value: unknown): value is { readonly errorMessage: unknown } =>
  typeof value === "object" && value !== null && "errorMessage" in value;

const textOf = (payload: string | Uint8Array): string =>
  typeof payload === "string" ? payload : new TextDecoder().decode(payload);

/** The JSON that a payload is; Lambda has checked it before it took the event. */
const jsonOf = (payload: string | Uint8Array): unknown => JSON.parse(textOf(payload));
