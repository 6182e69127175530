import { ServiceError } from "./service-error.ts";

export type ServiceName = "kinesis" | "dynamodb" | "s3" | "sqs";

/** What goes wrong with one call. */
export type Fault =
  /** Refused with the service's own throttling error; nothing was done. */
  | { readonly kind: "throttle" }
  /** Refused with this error; nothing was done. */
  | { readonly kind: "error"; readonly code: string; readonly status: number }
  /** The operation is done, then its answer is lost: the caller sees an InternalFailure (500). */
  | { readonly kind: "lost-response" }
  /**
   * The entries of a batch call at these indexes fail, the others are done. A transaction finds the items at these
   * indexes in another one's hands and is cancelled. Other calls ignore it.
   */
  | { readonly kind: "partial"; readonly failed: readonly number[] };

/** An operation that is done. */
export type Call = {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: unknown;
  /** The indexes of batch entries that must fail. */
  readonly failed: ReadonlySet<number>;
};

/** Asked before every operation of a model; decides which calls fail, and how. */
export type ServiceFaults = {
  before(service: ServiceName, operation: string, input: unknown): Fault | undefined;
  /** Surrounds what an operation does, to keep a log of it, say; not called where a fault keeps it from being done. */
  around?<T>(call: Call, run: () => T): T;
};

const THROTTLE_CODES: Record<ServiceName, { readonly code: string; readonly status: number }> = {
  kinesis: { code: "ProvisionedThroughputExceededException", status: 400 },
  dynamodb: { code: "ProvisionedThroughputExceededException", status: 400 },
  s3: { code: "SlowDown", status: 503 },
  sqs: { code: "RequestThrottled", status: 403 },
};

const NONE: ReadonlySet<number> = new Set();

/**
 * Runs one operation of a model under its faults.
 * @param operation - AWS's name of it, e.g. `PutRecords`
 * @param run - is given the indexes of the batch entries that must fail
 */
export function underFaults<T>(
  faults: ServiceFaults | undefined,
  service: ServiceName,
  operation: string,
  input: unknown,
  run: (failed: ReadonlySet<number>) => T,
): T {
  if (faults === undefined) return run(NONE);
  const fault = faults.before(service, operation, input);
  const perform = (failed: ReadonlySet<number>): T =>
    surrounded(faults, { service, operation, input, failed }, () => run(failed));
  if (fault === undefined) return perform(NONE);
  switch (fault.kind) {
    case "throttle": {
      const { code, status } = THROTTLE_CODES[service];
      throw new ServiceError(code, `${operation} was throttled`, status);
    }
    case "error":
      throw new ServiceError(fault.code, `${operation} was made to fail`, fault.status);
    case "lost-response":
      perform(NONE);
      throw new ServiceError("InternalFailure", `the response of ${operation} was lost`, 500);
    case "partial":
      return perform(new Set(fault.failed));
  }
}

/** Runs what a model does by itself, and no fault may keep it from, as an operation. */
export function surrounded<T>(faults: ServiceFaults | undefined, call: Call, run: () => T): T {
  return faults?.around === undefined ? run() : faults.around(call, run);
}
