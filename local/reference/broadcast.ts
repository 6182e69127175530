import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Key } from "../../shared/events/event.ts";
import type { Host, Keeper } from "./host.ts";
import { copyOf } from "./keepable.ts";
import { byKey, sameKey } from "./keys.ts";
import type { BroadcastNode } from "./stage.ts";

/** The list of all control values that have come, of which the last of each key counts. */
export function broadcasts({ spec: { onEvent, prepare } }: BroadcastNode, host: Host): Keeper {
  let heard: readonly { readonly key: Key; readonly value: unknown }[] = [];
  const made = (value: unknown, key: Key): unknown => (prepare === undefined ? value : prepare(value, key));
  const latest = (): ReadonlyMap<Key, unknown> =>
    new Map(
      heard
        .filter(({ key }, i) => !heard.slice(i + 1).some((later) => sameKey(later.key, key)))
        .filter(({ value }) => value !== null && value !== undefined)
        .toSorted((a, b) => byKey(a.key, b.key))
        .map(({ key, value }) => [key, made(copyOf(value), key)]),
    );
  return {
    take(value, info, nth) {
      let rows: unknown[] = [];
      try {
        if (nth === 0) rows = [...(onEvent(value, latest(), { ...info }) ?? [])];
        else {
          if (value !== null && value !== undefined) made(copyOf(value), info.key);
          heard = [...heard, { key: info.key, value: copyOf(value) }];
        }
      } catch (thrown) {
        host.fail(value, thrown, info);
        return;
      }
      for (const row of rows)
        if (row instanceof MillraceError) host.fail(value, row, info);
        else host.give(row, info);
    },
    nextMoment: () => Number.POSITIVE_INFINITY,
    reach() {},
    nextShowing: () => Number.POSITIVE_INFINITY,
    show() {},
  };
}
