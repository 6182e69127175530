/** An SDK error's name, which is AWS's error code; undefined for what is no error. */
export const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error ? thrown.name : undefined;

/** The HTTP status of an SDK error; undefined where no answer came. */
export function statusOf(thrown: unknown): number | undefined {
  if (typeof thrown !== "object" || thrown === null || !("$metadata" in thrown)) return undefined;
  const { httpStatusCode } = thrown.$metadata as { readonly httpStatusCode?: number };
  return httpStatusCode;
}

const THROTTLES: ReadonlySet<string | undefined> = new Set([
  "ProvisionedThroughputExceededException",
  "LimitExceededException",
  "KMSThrottlingException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "Throttling",
  "SlowDown",
]);

/** Whether the same call may succeed a moment later: a throttle, a fault of the service, or no answer at all. */
export function isPassing(thrown: unknown): boolean {
  const status = statusOf(thrown);
  return status === undefined ? isConnectionError(thrown) : status >= 500 || THROTTLES.has(codeOf(thrown));
}

const isConnectionError = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  (thrown.name === "TimeoutError" ||
    ("code" in thrown && /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND)/.test(String(thrown.code))));
