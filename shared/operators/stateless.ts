import type { EventInfo, Key } from "../events/event.ts";
import { checkedKey } from "./checked-key.ts";
import type { Host } from "./host.ts";
import type { Push } from "./operator.ts";

// What runs for every event is written out for each operator: a function that they shared would have to be
// compiled for whatever any of them calls.

/** Keeps the values for which `fn` is true. */
export function filterPush(host: Host, fn: (value: unknown, info: EventInfo) => boolean): Push {
  const { context, emit, fail } = host;
  return (value) => {
    let keep: boolean;
    try {
      keep = fn(value, context);
    } catch (thrown) {
      fail(value, thrown);
      return;
    }
    if (keep) emit(value);
  };
}

/** Hands on what `fn` makes of each value. */
export function mapPush(host: Host, fn: (value: unknown, info: EventInfo) => unknown): Push {
  const { context, emit, fail } = host;
  return (value) => {
    let result: unknown;
    try {
      result = fn(value, context);
    } catch (thrown) {
      fail(value, thrown);
      return;
    }
    emit(result);
  };
}

/** Hands on each value under a key of its own. */
export function keyByPush(host: Host, by: string | ((value: unknown, info: EventInfo) => Key)): Push {
  const { context, emit, fail, id } = host;
  const keyOf = typeof by === "string" ? (value: unknown) => (value as Record<string, unknown>)[by] : by;
  return (value) => {
    let key: Key;
    try {
      key = checkedKey(keyOf(value, context), id);
    } catch (thrown) {
      fail(value, thrown);
      return;
    }
    const before = context.key;
    context.key = key;
    emit(value);
    context.key = before;
  };
}
