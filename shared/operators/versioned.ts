import { MillraceError, messageOf } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";
import { cloneData } from "./custom.ts";

export type VersionOptions<V> = {
  /** Which shape of the value this code keeps: raise it where the shape changes. A whole number. @default 1 */
  readonly version?: number;
  /**
   * Makes a value of this version of a copy of one that an earlier version kept. Called each time such a value is read,
   * until it is written: it must give the same for the same value. Where it throws, the event that needs the value
   * fails (`STATE_MIGRATION`), and the value stays. Needed from version 2 on.
   */
  readonly migrate?: (old: unknown, fromVersion: number) => V;
};

/** What is kept in a version, and the way to it from earlier ones. */
export type Versioned = {
  readonly version?: number | undefined;
  readonly migrate?: ((old: unknown, fromVersion: number) => unknown) | undefined;
};

export const versionOf = ({ version = 1 }: Versioned): number => version;

/** Where a value was found, for the error. */
export type Found = {
  readonly pipeline: string;
  readonly operator: string;
  readonly key: Key;
  readonly state: string;
};

/**
 * A value of the present version.
 * @param old - nobody else's: the user's function may change it
 * @throws MillraceError `STATE_MIGRATION`
 */
export function migrated(to: Versioned, old: unknown, from: number, found: Found): unknown {
  try {
    if (to.migrate === undefined) throw new TypeError("there is no `migrate`");
    // what it gives may be given again: nobody is to change it
    return cloneData(to.migrate(old, from));
  } catch (cause) {
    throw unmigrated(found, from, versionOf(to), cause);
  }
}

export const unmigrated = (
  { pipeline, operator, key, state }: Found,
  from: number,
  to: number,
  cause: unknown,
): MillraceError =>
  new MillraceError(
    "STATE_MIGRATION",
    `pipeline "${pipeline}", operator "${operator}", key ${JSON.stringify(key)}: "${state}" of version ${from} could not be brought to version ${to}: ${messageOf(cause)}`,
    { next: "dead-lettered", cause },
  );
