import type { ErrorCode } from "../../shared/errors/codes.ts";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { type Answer, jsonAnswer } from "../aws/answer.ts";
import { MAX_MESSAGE_CHARS } from "./limits.ts";

export const answer = (
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer => jsonAnswer(statusCode, JSON.stringify(body), headers);

const STATUS: Partial<Record<ErrorCode, number>> = {
  BODY_EMPTY: 400,
  BODY_JSON: 400,
  IDEMPOTENCY_KEY: 422,
  STREAM_UNKNOWN: 404,
  METHOD: 405,
  REQUEST_IN_PROGRESS: 409,
  BODY_TOO_LARGE: 413,
  CONTENT_ENCODING: 415,
  CONTENT_TYPE: 415,
};

/** The answer to a request that is refused as a whole; undefined for an error that is no fault of the client. */
export function refusalOf(thrown: unknown): Answer | undefined {
  if (!(thrown instanceof MillraceError)) return undefined;
  const status = STATUS[thrown.code];
  if (status === undefined) return undefined;
  const headers: Record<string, string> = {};
  if (status === 405) headers["allow"] = "POST";
  if (status === 409) headers["retry-after"] = "1";
  return answer(status, { code: thrown.code, message: cut(thrown.message) }, headers);
}

/** A message of bounded length, without half of a character at its end. */
export const cut = (message: string): string =>
  message.length <= MAX_MESSAGE_CHARS
    ? message
    : `${message.slice(0, MAX_MESSAGE_CHARS - 1).replace(/[\ud800-\udbff]$/, "")}…`;
