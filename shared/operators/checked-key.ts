import { MillraceError } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";

/**
 * What user code gave as a key, where it is one: types do not bind what comes out of a foreign record.
 * @throws MillraceError `KEY_TYPE`
 */
export function checkedKey(key: unknown, operator: string): Key {
  if (typeof key === "string" || typeof key === "number") return key;
  throw new MillraceError(
    "KEY_TYPE",
    `operator "${operator}": a key must be a string or a number, not ${key === null ? "null" : typeof key}`,
    { next: "dead-lettered" },
  );
}
