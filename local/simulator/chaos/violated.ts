import { MillraceError } from "../../../shared/errors/millrace-error.ts";

export const violated = (sentence: string, cause?: unknown): MillraceError =>
  new MillraceError("INVARIANT_VIOLATED", sentence, {
    next: "halted",
    ...(cause === undefined ? {} : { cause }),
  });
