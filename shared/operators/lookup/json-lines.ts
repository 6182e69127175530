import type { FileFormat, FileLine } from "./file-format.ts";

const NEWLINE = 0x0a;

/** A JSON object a line, in UTF-8. Blank lines are left out. */
export const JSON_LINES: FileFormat = {
  kind: "jsonl",
  read(bytes) {
    const text = new TextDecoder("utf-8", { fatal: true });
    const lines: FileLine[] = [];
    for (let start = 0, line = 1; start < bytes.length; line += 1) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      const read = lineOf(line, bytes.subarray(start, end), text);
      if (read !== undefined) lines.push(read);
      start = end + 1;
    }
    return { lines };
  },
};

function lineOf(
  line: number,
  bytes: Uint8Array,
  decoder: Pick<InstanceType<typeof TextDecoder>, "decode">,
): FileLine | undefined {
  let text: string;
  try {
    text = decoder.decode(bytes).trim();
  } catch {
    return { line, value: undefined, problem: "is not UTF-8" };
  }
  if (text === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { line, value };
  } catch {
    // said of a list, too
  }
  return { line, value: undefined, problem: "is no JSON object" };
}
