import { setTimeout as delay } from "node:timers/promises";
import type { DurationMs } from "../../shared/time/time.ts";
import type { ReceiveMessageInput, ReceiveMessageOutput } from "../models/sqs/sqs-api.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";

const NONE: ReceiveMessageOutput = { Messages: [] };

/**
 * Receives messages, and waits for one where there is none, on the machine's timers.
 * @param abandoned - once it is aborted nothing is received any more: a message for nobody would be hidden for a while
 */
export async function receiveWaiting(
  sqs: SqsModel,
  input: ReceiveMessageInput,
  abandoned: () => AbortSignal,
): Promise<ReceiveMessageOutput> {
  const begunAt = performance.now();
  let signal: AbortSignal | undefined;
  while (signal?.aborted !== true) {
    const { wait, arrival, untilVisible } = sqs.longPoll(input);
    const output = sqs.receiveMessage(input);
    const left = wait - (performance.now() - begunAt);
    if (output.Messages.length > 0 || left <= 0) return output;
    signal ??= abandoned();
    await firstOf(arrival, Math.min(left, Math.max(1, untilVisible())) as DurationMs, signal);
  }
  return NONE;
}

/** Resolves at an arrival, after a while, or when the signal is aborted. */
async function firstOf(arrival: Promise<void>, wait: DurationMs, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const pause = delay(wait, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(
    (error: unknown) => {
      if (!signal.aborted && !over.signal.aborted) throw error;
    },
  );
  await Promise.race([arrival, pause]);
  over.abort();
}
