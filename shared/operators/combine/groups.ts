import type { Key } from "../../events/event.ts";
import { BEGINNING_OF_TIME, type DurationMs, type EpochMs } from "../../time/time.ts";
import type { Accumulator } from "../aggregate.ts";
import { ALL_TIME, newestStart } from "../window.ts";
import { type CombineSpec, sliceOf } from "./spec.ts";

/** Rows of a key that become one. */
export type Group = {
  readonly key: Key;
  /** The oldest and the newest of its rows' times. */
  from: EpochMs;
  time: EpochMs;
  /** Events that its rows stand for. */
  events: number;
  weight: number;
  /** Places of its rows among those of the commit. */
  places: number[];
  readonly sums: Accumulator[];
  /** An aggregate threw, and nobody knows what the sums hold. */
  spoilt: boolean;
};

/** The groups that take further rows. */
export type OpenGroups = {
  /** Whether a row from then on is late for nothing, and nothing is shown with it, where so much was told. */
  isSafe(from: EpochMs, told: EpochMs): boolean;
  /** The group of a row from one time to another; more than one become one first. */
  find(key: Key, from: EpochMs, to: EpochMs): Group | undefined;
  open(group: Group): void;
  /** A row at a time that is in no group: what comes after it stays after it. */
  end(key: Key, time: EpochMs): void;
  /** The same for all rows. */
  endAll(): void;
};

/** @param join - makes one of two groups, the first; the other has no places then */
export function openGroupsFor(spec: CombineSpec, join: (into: Group, from: Group) => void): OpenGroups {
  const { window } = spec;
  if (window.kind === "session") return new SessionGroups(window.gap, join);
  return new SliceGroups(spec, window.kind === "global" ? undefined : sliceOf(window));
}

/** One for each key and slice; where there are no slices, for each key. */
class SliceGroups implements OpenGroups {
  readonly #slice: DurationMs | undefined;
  /** Windows have several slices, and it shows in which order events of different ones came. */
  readonly #inOrder: boolean;
  /** An event shows windows of several slices. */
  readonly #shows: boolean;
  readonly #groups = new Map<EpochMs, Map<Key, Group>>();
  /** The one that was asked for last. */
  #recent: Map<Key, Group> | undefined;
  #recentName: EpochMs = BEGINNING_OF_TIME;

  constructor({ window, aggregates, when }: CombineSpec, slice: DurationMs | undefined) {
    this.#slice = slice;
    this.#shows = when !== undefined;
    this.#inOrder =
      slice !== undefined &&
      "size" in window &&
      window.size > slice &&
      Object.values(aggregates).some(
        ({ combines, divisible }) => combines === "values" && divisible !== true,
      );
  }

  #startOf(time: EpochMs): EpochMs {
    return this.#slice === undefined ? ALL_TIME.start : newestStart(this.#slice, time);
  }

  isSafe(from: EpochMs, told: EpochMs): boolean {
    const end = this.#slice === undefined ? ALL_TIME.end : this.#startOf(from) + this.#slice;
    return end > told;
  }

  find(key: Key, _from: EpochMs, to: EpochMs): Group | undefined {
    const start = this.#startOf(to);
    const group = this.#scope(start).get(key);
    // in one scope there may be one of another slice
    return group !== undefined && this.#inOrder && this.#startOf(group.time) !== start ? undefined : group;
  }

  open(group: Group): void {
    this.#scope(this.#startOf(group.time)).set(group.key, group);
  }

  end(key: Key, time: EpochMs): void {
    if (this.#shows) for (const scope of this.#groups.values()) scope.delete(key);
    else this.#scope(this.#startOf(time)).delete(key);
  }

  endAll(): void {
    this.#groups.clear();
    this.#recent = undefined;
  }

  #scope(start: EpochMs): Map<Key, Group> {
    const name = this.#inOrder ? BEGINNING_OF_TIME : start;
    if (this.#recent !== undefined && this.#recentName === name) return this.#recent;
    let scope = this.#groups.get(name);
    if (scope === undefined) {
      scope = new Map();
      this.#groups.set(name, scope);
    }
    this.#recent = scope;
    this.#recentName = name;
    return scope;
  }
}

/** Of each key those that are more than a gap apart: whatever sessions there are, all rows of one are in the same. */
class SessionGroups implements OpenGroups {
  readonly #gap: DurationMs;
  readonly #join: (into: Group, from: Group) => void;
  readonly #groups = new Map<Key, Group[]>();

  constructor(gap: DurationMs, join: (into: Group, from: Group) => void) {
    this.#gap = gap;
    this.#join = join;
  }

  /** A session is open until the watermark is beyond its end, and a row's is not before the row's own. */
  isSafe(from: EpochMs, told: EpochMs): boolean {
    return from + this.#gap >= told;
  }

  find(key: Key, from: EpochMs, to: EpochMs): Group | undefined {
    const groups = this.#groups.get(key);
    if (groups === undefined) return undefined;
    let into: Group | undefined;
    let isJoined = false;
    for (const group of groups) {
      if (group.from > to + this.#gap || group.time + this.#gap < from) continue;
      if (into !== undefined) {
        this.#join(into, group);
        isJoined = true;
      } else into = group;
    }
    if (isJoined)
      this.#groups.set(
        key,
        groups.filter(({ places }) => places.length > 0),
      );
    return into;
  }

  open(group: Group): void {
    const groups = this.#groups.get(group.key);
    if (groups === undefined) this.#groups.set(group.key, [group]);
    else groups.push(group);
  }

  end(key: Key): void {
    this.#groups.delete(key);
  }

  endAll(): void {
    this.#groups.clear();
  }
}
