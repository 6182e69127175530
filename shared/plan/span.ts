const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** A duration for a reader, in the largest unit that it is a multiple of: `90 s`, `-5 min`. */
export function spanOf(ms: number): string {
  const long = Math.abs(ms);
  for (const [unit, length] of UNITS)
    if (long >= length && long % length === 0) return `${ms / length} ${unit}`;
  return `${ms} ms`;
}
