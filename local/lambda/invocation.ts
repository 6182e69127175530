import { ServiceError } from "../models/service-error.ts";

/** A request or response body larger than this is refused, as Lambda does (synchronous invocation, 6 MB). */
export const PAYLOAD_LIMIT_BYTES: number = 6 * 1024 * 1024;
/** The largest event of an asynchronous invocation (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). */
const EVENT_LIMIT_BYTES = 1024 * 1024;

/** What an invocation came to. */
export type InvokeResult = {
  readonly requestId: string;
  /** The handler's result as JSON text, or `{ errorType, errorMessage, trace }`. Never parsed on the way. */
  readonly payload: Uint8Array;
  /** Set when the handler threw, timed out or its process died. */
  readonly functionError?: "Unhandled";
  /** The end of what the function logged during the invocation, at most 4 KB. */
  readonly logTail: string;
};

/** An invocation that waits for an environment or runs in one. */
export type Invocation = {
  readonly requestId: string;
  readonly payload: string | Uint8Array;
  readonly settle: (result: InvokeResult) => void;
};

/** @throws ServiceError InvalidRequestContentException where a caller's payload is no JSON */
export function checkJson(payload: string | Uint8Array): void {
  try {
    JSON.parse(typeof payload === "string" ? payload : new TextDecoder().decode(payload));
  } catch (cause) {
    const message = `Could not parse request body into json: ${String(cause)}`;
    throw new ServiceError("InvalidRequestContentException", message);
  }
}

/** @throws ServiceError RequestTooLargeException where a payload is larger than its kind of invocation takes */
export function checkSize(payload: string | Uint8Array, invocationType: "RequestResponse" | "Event"): void {
  const limit = invocationType === "Event" ? EVENT_LIMIT_BYTES : PAYLOAD_LIMIT_BYTES;
  const bytes = Buffer.byteLength(payload);
  if (bytes <= limit) return;
  const message = `${bytes} byte payload is too large for the ${invocationType} invocation type (limit ${limit} bytes)`;
  throw new ServiceError("RequestTooLargeException", message, 413);
}
