import type { ErrorCode } from "../errors/codes.ts";
import { MillraceError } from "../errors/millrace-error.ts";

/** A plan-time error: names the pipeline and the operator, and nothing was deployed. */
export const refuse = (
  code: ErrorCode,
  pipeline: string,
  operator: string,
  sentence: string,
): MillraceError =>
  new MillraceError(code, `pipeline "${pipeline}", operator "${operator}": ${sentence}`, { next: "refused" });
