import { type EpochMs, plus, seconds } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import type { Queue } from "./queue.ts";
import { checkSpan, invalidParameter } from "./sqs-error.ts";

/** Twelve hours, counted from when a message was received. */
const MAX_SECONDS = 43_200;

export const checkVisibility = (timeout: number | undefined): void =>
  checkSpan("VisibilityTimeout", timeout, 0, MAX_SECONDS);

/**
 * Hides a message in flight from now on for so many seconds, or gives it back with 0.
 * Throws ReceiptHandleIsInvalid, MessageNotInflight, or InvalidParameterValue for one that is gone and for a timeout
 * that goes beyond twelve hours since the message was received.
 */
export function changeVisibility(
  queue: Queue,
  input: { readonly ReceiptHandle: string; readonly VisibilityTimeout: number },
  now: EpochMs,
): void {
  const { ReceiptHandle, VisibilityTimeout: timeout } = input;
  checkVisibility(timeout);
  const message = queue.received(ReceiptHandle, now);
  if (message?.receivedAt === undefined)
    throw invalidParameter(
      "ReceiptHandle",
      ReceiptHandle,
      "Message does not exist or is not available for visibility timeout change.",
    );
  if (message.visibleAt <= now)
    throw new ServiceError("MessageNotInflight", "The specified message isn't in flight.");
  const visibleAt = plus(now, seconds(timeout));
  if (visibleAt > plus(message.receivedAt, seconds(MAX_SECONDS)))
    throw invalidParameter(
      "VisibilityTimeout",
      timeout,
      `Total VisibilityTimeout for the message is beyond the limit [${MAX_SECONDS} seconds]`,
    );
  queue.show(message, visibleAt);
}
