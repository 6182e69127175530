const BLOCK_BYTES = 4 * 1_048_576;
const BLOCK_ENTRIES = 10_000;

/** Cuts a list into blocks of some megabytes, in which it is kept over the end of the process. */
export function* blocksBySize<T>(
  entries: readonly T[],
  bytesOf: (entry: T) => number,
): Generator<readonly T[]> {
  let from = 0;
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    const more = bytesOf(entry);
    if (index > from && (bytes + more > BLOCK_BYTES || index - from >= BLOCK_ENTRIES)) {
      yield entries.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += more;
  }
  if (from < entries.length) yield entries.slice(from);
}
