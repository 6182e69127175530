import type { ErrorCode } from "../../shared/errors/codes.ts";
import { cut } from "./answer.ts";

/** Why one event was not accepted. */
export type Rejection = {
  /** Counts the events of a request from 0; blank lines do not count. */
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** Which field the schema refused: `items.0.price`. */
  readonly path?: string;
};

export const rejection = (index: number, code: ErrorCode, message: string, path?: string): Rejection => ({
  index,
  code,
  message: cut(message),
  ...(path === undefined || path === "" ? {} : { path: cut(path) }),
});

/** How many events each code refused, for the log. */
export function countCodes(rejected: readonly Rejection[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of rejected) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
