import { createHash } from "node:crypto";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Key } from "../../shared/events/event.ts";

/** Numbers before strings; numbers by value, NaN last; strings by UTF-16 code unit. */
export function byKey(a: Key, b: Key): number {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  if (Number.isNaN(a)) return 1;
  return a < b || Number.isNaN(b) ? -1 : 1;
}

/** As a Map tells keys apart: 5 is not "5", 0 is -0, NaN is NaN. */
export const sameKey = (a: Key, b: Key): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** What there is of each key, in the order of their first; made when it is first asked for. */
export function byKeys<Mine extends { readonly key: Key }>(
  make: (key: Key) => Mine,
): { readonly all: readonly Mine[]; readonly of: (key: Key) => Mine } {
  const all: Mine[] = [];
  return {
    all,
    of(key) {
      const known = all.find((one) => sameKey(one.key, key));
      const mine = known ?? make(key);
      if (known === undefined) all.push(mine);
      return mine;
    },
  };
}

/** The partition of a key: `floor(MD5(key) × partitions / 2^128)`. */
export function partitionOf(key: Key, partitions: number): number {
  const hash = createHash("md5").update(String(key), "utf8").digest("hex");
  return Number((BigInt(`0x${hash}`) * BigInt(partitions)) / 2n ** 128n);
}

/** @throws MillraceError `KEY_TYPE` for what is no key */
export function keyFrom(value: unknown): Key {
  if (typeof value === "string" || typeof value === "number") return value;
  throw new MillraceError("KEY_TYPE", `a key must be a string or a number, not a ${typeof value}`, {
    next: "dead-lettered",
  });
}
