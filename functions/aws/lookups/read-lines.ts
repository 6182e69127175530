const NEWLINE = 0x0a;

/** The JSON of each line; undefined for one that has none. Blank lines are left out. */
export function readLines(bytes: Uint8Array): unknown[] {
  const text = new TextDecoder();
  const values: unknown[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const line = text.decode(bytes.subarray(start, end)).trim();
    if (line !== "") values.push(parsed(line));
    start = end + 1;
  }
  return values;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // the caller says which line it is, and whose events fail for it
    return undefined;
  }
}
