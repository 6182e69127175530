/** Plain data that several are given: who writes into it throws, and is not met by the others. It is frozen in place. */
export function frozen(value: unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
