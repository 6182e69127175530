/** What a source needs of the function's answer. */
export type InvokeOutcome = {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: Uint8Array;
  /** Set when the handler threw, timed out or its process died. */
  readonly functionError?: string;
};

/** Invokes the source's function. It rejects where the function could not even be invoked, as for a throttle. */
export type Invoke = (payload: string | Uint8Array) => Promise<InvokeOutcome>;

/** What a source did since it was made. */
export type SourceStats = {
  readonly invocations: number;
  /** Invocations that failed wholly or in part, or that could not be made. */
  readonly failedInvocations: number;
  /** Records (messages, ticks) that the function has taken. */
  readonly delivered: number;
  /** Records given up after their last retry or past their age. */
  readonly discarded: number;
  /** Why the source stopped by itself; undefined while it runs as it should. `close` throws it. */
  readonly failure?: string;
};

/** Something that invokes a function by itself. */
export type EventSource = {
  /** A mapping's UUID, or a schedule's ARN with the place of its target. */
  readonly id: string;
  /** What feeds it: a stream's or queue's ARN, a schedule's expression. */
  readonly name: string;
  readonly functionName: string;
  stats(): SourceStats;
  /** Whether nothing is left that it could deliver now, and nothing runs. */
  caughtUp(): boolean;
  /** Goes on where it was. A new source is enabled. */
  enable(): void;
  /** Starts no further invocation; resolves when the running ones are over. */
  disable(): Promise<void>;
  /** Stops for good; resolves when nothing runs any more. */
  close(): Promise<void>;
};
