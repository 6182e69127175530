import type { EventInfo } from "../events/event.ts";
import type { Aggregate } from "./aggregate.ts";
import type { VersionOptions } from "./versioned.ts";

/** An aggregate of the user's own, in the four steps of Beam's CombineFn. `version` and `migrate` are the accumulator's. */
export type CustomAggregate<T, A, R> = VersionOptions<A> & {
  create(): A;
  /** Returns the accumulator to keep; may change and return the one it got. */
  add(accumulator: A, value: T, info: EventInfo): A;
  /** Joins two sessions. Must not depend on the order of its arguments beyond what `add` does. */
  merge(a: A, b: A): A;
  finish(accumulator: A): R;
};

/**
 * Wraps the user's own steps. The accumulator must be plain data (JSON, Map, Set, bigint). Where `add`
 * or `merge` throws, the event fails and the window stays what it was: the batch is folded again, and each
 * event is tried on copies first. The result is copied, so that `finish` may give the accumulator itself.
 */
export const custom = <T, A, R>(steps: CustomAggregate<T, A, R>): Aggregate<T, R> => ({
  name: "custom",
  create: steps.create,
  extract: (value) => value,
  add: (accumulator: A, value: T, info: EventInfo): A => steps.add(accumulator, value, info),
  merge: steps.merge,
  finish: (accumulator: A): R => cloneData(steps.finish(accumulator)),
  clone: cloneData,
  fallible: true,
  ...(steps.version !== undefined && { version: steps.version }),
  ...(steps.migrate !== undefined && { migrate: steps.migrate }),
});

/** A deep copy of plain data. */
export function cloneData<A>(value: A): A {
  if (typeof value !== "object" || value === null) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return withOwnParts({ ...value });
  if (Array.isArray(value)) return value.map(cloneData) as A;
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [cloneData(k), cloneData(v)])) as A;
  if (value instanceof Set) return new Set([...value].map(cloneData)) as A;
  if (value instanceof Uint8Array) return value.slice() as A;
  // biome-ignore lint/style/noRestrictedGlobals: a Date that a user keeps; the machine's time is not read
  if (value instanceof Date) return new Date(value) as A;
  return withOwnParts(Object.setPrototypeOf({ ...value }, prototype));
}

/** Objects inside a shallow copy are copied too. A field named `__proto__` is its own, and stays one when assigned. */
function withOwnParts<A extends object>(copy: A): A {
  for (const name in copy) {
    const part = copy[name];
    if (typeof part === "object" && part !== null && Object.hasOwn(copy, name)) copy[name] = cloneData(part);
  }
  return copy;
}
