import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Lake } from "../../shared/protocol/ports.ts";

/** The planner gives lake sinks a stage of their own, so that the Parquet writer is in that function alone. */
export const noLake = (): Lake => ({
  write: ([file]) =>
    Promise.reject(
      new MillraceError("STAGE_UNKNOWN", `lake sink "${file?.sink}" is not written by this function`, {
        next: "retried",
      }),
    ),
});
