import type { Output } from "./part.ts";

/** The one JSON value that a command printed. @throws Error where it printed none */
export function jsonOf<Value>(output: Output | undefined): Value {
  const text = output?.stdout.trim() ?? "";
  try {
    return JSON.parse(text) as Value;
  } catch (cause) {
    throw new Error(`no JSON, but ${JSON.stringify(text.slice(0, 200))}`, { cause });
  }
}

/** The JSON values that a command printed, one a line. */
export const jsonLinesOf = <Value>(output: Output | undefined): Value[] =>
  (output?.stdout ?? "")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Value);
