import type { ViewSpec } from "../operators/spec.ts";

/**
 * Whether a view's key function gives what `keyOf` names: seen by calling it with a row that refuses all but
 * the reading of that field, and a value that refuses to be looked into or turned into anything else.
 */
export function givesKey(key: ViewSpec["key"], keyOf: unknown): boolean {
  if (key === keyOf) return true;
  if (typeof keyOf !== "string") return false;
  const refuse = (): never => {
    throw new Error("more than one field is read");
  };
  const sealed = { has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse, getPrototypeOf: refuse };
  const value = new Proxy({}, { ...sealed, get: refuse });
  const row = new Proxy({}, { ...sealed, get: (_, field) => (field === keyOf ? value : refuse()) });
  try {
    return (key(row) as unknown) === value;
  } catch {
    // A function that does more than read one field cannot be seen through; the planner shuffles.
    return false;
  }
}
