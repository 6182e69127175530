/**
 * The value as JSON that any reader of the lake parses: a Map becomes an object, a Set an array, bytes an array
 * of numbers, a bigint a number where that is exact and a string where it is not. For people and queries:
 * what must read back exactly is kept by state's own codec.
 */
export function jsonOf(value: unknown): unknown {
  if (typeof value === "bigint")
    return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER
      ? Number(value)
      : value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value) || value instanceof Set || value instanceof Uint8Array)
    return Array.from(value as Iterable<unknown>, (one) => jsonOf(one) ?? null);
  const fields = value instanceof Map ? value.entries() : Object.entries(value);
  return Object.fromEntries(Array.from(fields, ([name, one]) => [String(name), jsonOf(one)]));
}
