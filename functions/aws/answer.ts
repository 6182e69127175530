import type { ErrorCode } from "../../shared/errors/codes.ts";
import { MillraceError } from "../../shared/errors/millrace-error.ts";

/** What API Gateway turns into a response. */
export type Answer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** An answer in JSON. It is of its moment: the next event may change it. */
export const jsonAnswer = (
  statusCode: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  statusCode,
  headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  body,
});

/** Refuses a request as a whole. */
export const refused = (code: ErrorCode, message: string, cause?: unknown): MillraceError =>
  new MillraceError(code, message, { next: "refused", ...(cause === undefined ? {} : { cause }) });
