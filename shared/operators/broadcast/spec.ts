import type { EventInfo, Key } from "../../events/event.ts";

/** Makes what `onEvent` sees of a control value. */
export type Prepare = (value: unknown, key: Key) => unknown;

/** A broadcast as data, with the user's functions in it. */
export type BroadcastSpec = {
  readonly prepare: Prepare | undefined;
  readonly onEvent: (
    value: unknown,
    latest: ReadonlyMap<Key, unknown>,
    info: EventInfo,
  ) => Iterable<unknown> | undefined;
};

/**
 * Stands before the feed that takes control values to every partition: one that cannot be migrated, or for which
 * `prepare` throws, fails here, once, and not in each of them. It keeps nothing: what it says of versions is for values
 * that are on their way to it.
 */
export type ControlSpec = { readonly kind: "control"; readonly prepare: Prepare | undefined };

/** A control value that says that there is none any more. */
export const isGone = (value: unknown): boolean => value === null || value === undefined;
