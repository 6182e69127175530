/** A request or response body larger than this is refused, as Lambda does (synchronous invocation, 6 MB). */
export const PAYLOAD_LIMIT_BYTES: number = 6 * 1024 * 1024;

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
