/** Records that are (or will be) given to the function together, oldest first. */
export type Batch<R> = {
  readonly records: readonly R[];
  /** Failed attempts that count toward MaximumRetryAttempts. */
  readonly failures: number;
  /** Invocations that these records took part in. */
  readonly invocations: number;
};

export type RetryRules = {
  /** -1 is for ever. */
  readonly maximumRetryAttempts: number;
  readonly bisectOnError: boolean;
};

export type RetryPlan<R> = {
  /** Given to the function next, in this order, before anything newer. */
  readonly again: readonly Batch<R>[];
  /** Given up. */
  readonly discarded: Batch<R> | undefined;
};

/**
 * Decides what follows an invocation that took the first `upTo` records of a batch. Splitting a batch, in halves
 * or at a checkpoint, does not count as a retry
 * (https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html).
 */
export function planRetry<R>(batch: Batch<R>, upTo: number, rules: RetryRules): RetryPlan<R> {
  const records = batch.records.slice(upTo);
  const invocations = batch.invocations + 1;
  if (records.length === 0) return { again: [], discarded: undefined };
  const { failures } = batch;
  if (rules.bisectOnError && upTo > 0)
    return { again: [{ records, failures, invocations }], discarded: undefined };
  if (rules.bisectOnError && records.length > 1) {
    const half = Math.ceil(records.length / 2);
    const pieces = [records.slice(0, half), records.slice(half)];
    return {
      again: pieces.map((piece) => ({ records: piece, failures, invocations })),
      discarded: undefined,
    };
  }
  const rest = { records, failures: failures + 1, invocations };
  const exhausted = rules.maximumRetryAttempts >= 0 && rest.failures > rules.maximumRetryAttempts;
  return exhausted ? { again: [], discarded: rest } : { again: [rest], discarded: undefined };
}
