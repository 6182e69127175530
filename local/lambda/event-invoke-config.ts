import { type DurationMs, hours } from "../../shared/time/time.ts";

/** An AWS::Lambda::EventInvokeConfig: what becomes of events that a function gets asynchronously. */
export type EventInvokeConfig = {
  /** How long an event may wait for its function, 60 s to 6 h. @default 6 hours */
  readonly maximumEventAge: DurationMs;
  /** After a function error, 0 to 2. @default 2 */
  readonly maximumRetryAttempts: number;
  /** The ARN of a queue, topic or function that gets a record of each event that was taken. */
  readonly onSuccess?: string;
  /** The ARN of a queue, topic, bucket or function that gets a record of each event that was given up. */
  readonly onFailure?: string;
};

/** What Lambda does where nothing is configured. */
export const DEFAULT_EVENT_INVOKE_CONFIG: EventInvokeConfig = {
  maximumEventAge: hours(6),
  maximumRetryAttempts: 2,
};
