import type { ErrorCode } from "./codes.ts";

/** What happens after an error, in one word that a log query can count. */
export type NextStep = "retried" | "dead-lettered" | "refused" | "skipped" | "halted";

/**
 * The one error class. `code` is stable and listed in docs/errors.md; `message` names the pipeline,
 * operator and position in a human sentence; `next` says what happens now.
 */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  readonly next: NextStep;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly next: NextStep; readonly cause?: unknown },
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "MillraceError";
    this.code = code;
    this.next = options.next;
  }
}

/** The text of whatever was thrown; user code may throw anything. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
