import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { EventInfo } from "../../shared/events/event.ts";
import type { Host } from "./host.ts";

/** Nothing deeper is kept. */
const DEEPEST = 500;

/** Whether a log keeps the value: plain data, bigint, bytes, Map, Set, Date, all the way down. */
export function isKeepable(value: unknown, depth = 0): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null) return true;
  if (depth === DEEPEST) return false;
  const inside = (parts: Iterable<unknown>): boolean =>
    [...parts].every((part) => isKeepable(part, depth + 1));
  if (Array.isArray(value) || value instanceof Set) return inside(value);
  if (value instanceof Map) return inside(value.keys()) && inside(value.values());
  if (value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Date]") return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && inside(Object.values(value));
}

/** The value as it is now, whatever is done to it later. What no log keeps is met again where it would have to be. */
export const copyOf = <T>(value: T): T => (isKeepable(value) ? structuredClone(value) : value);

/** Whether an operator may keep an event's value; where not, the event has failed. */
export function isTaken(value: unknown, info: EventInfo, { fail }: Pick<Host, "fail">): boolean {
  try {
    checkKeepable(value);
    return true;
  } catch (thrown) {
    fail(value, thrown, info);
    return false;
  }
}

/** @throws MillraceError `VALUE_UNSUPPORTED` for a value that no log keeps */
export function checkKeepable(value: unknown): void {
  if (!isKeepable(value))
    throw new MillraceError("VALUE_UNSUPPORTED", "a value that no log keeps", { next: "dead-lettered" });
}
