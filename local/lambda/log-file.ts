import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { isoOf } from "../../shared/time/clock.ts";
import type { FunctionLogs } from "./function-logs.ts";

/** Appends every line that a function logs to a file, until it is closed; resolves then when all is written. */
export function logInto(file: string, logs: FunctionLogs): { close(): Promise<void> } {
  const stream = createWriteStream(file, { flags: "a" });
  const off = logs.onLine(({ at, functionName, line }) =>
    stream.write(`${isoOf(at)} ${functionName} ${line}\n`),
  );
  const close = async () => {
    off();
    stream.end();
    await once(stream, "close");
  };
  return { close };
}
