/**
 * An error as an AWS service answers it. `code` is AWS's own error name, so that SDK clients
 * (and code that checks `error.name`) meet the very names that they meet in production.
 */
export class ServiceError extends Error {
  readonly code: string;
  /** HTTP status: 4xx is the caller's fault, 5xx and throttles may be retried. */
  readonly status: number;
  /** Further members of the error's body, e.g. `Item` or `CancellationReasons`, shaped as in the API. */
  readonly detail: Readonly<Record<string, unknown>> | undefined;

  constructor(code: string, message: string, status = 400, detail?: Readonly<Record<string, unknown>>) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}
