import type { Key } from "../events/event.ts";
import { compareKeys } from "./key-order.ts";
import { appendTo } from "./lists.ts";

/** Where a piece of an operator's state belongs: a group (the start of a window, a side; 0 where there is none), then a key. */
export type Place = readonly [group: number, key: Key];

/** The one order of places: by group, then by key. */
export const comparePlaces = (a: Place, b: Place): number => a[0] - b[0] || compareKeys(a[1], b[1]);

/** A set of places. */
export class PlaceSet {
  readonly #groups = new Map<number, Set<Key>>();
  /** The group of the last one, which most often is that of the next. */
  #last: { readonly group: number; readonly keys: Set<Key> } | undefined;

  add([group, key]: Place): void {
    if (this.#last?.group === group) {
      this.#last.keys.add(key);
      return;
    }
    const keys = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, keys.add(key));
    this.#last = { group, keys };
  }

  clear(): void {
    this.#groups.clear();
    this.#last = undefined;
  }

  /** All of them, in their order. */
  sorted(): Place[] {
    const places: Place[] = [];
    for (const group of [...this.#groups.keys()].sort((a, b) => a - b))
      for (const key of [...(this.#groups.get(group) ?? [])].sort(compareKeys)) places.push([group, key]);
    return places;
  }
}

/** Places in their order, packed: a million of them lie in memory with a million sessions. */
export type PackedPlaces = ReadonlyMap<number, readonly Key[]>;

export function packed(places: Iterable<Place>): PackedPlaces {
  const groups = new Map<number, Key[]>();
  for (const [group, key] of places) appendTo(groups, group, key);
  return groups;
}

export const unpacked = (places: PackedPlaces): Place[] =>
  [...places].flatMap(([group, keys]) => keys.map((key): Place => [group, key]));

/** The places of both lists, each in order and without repeats, as one such list. */
export function unionOf(a: readonly Place[], b: readonly Place[]): readonly Place[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const union: Place[] = [];
  let i = 0;
  for (const place of b) {
    for (let next = a[i]; next !== undefined; next = a[i]) {
      const order = comparePlaces(next, place);
      if (order > 0) break;
      if (order < 0) union.push(next);
      i += 1;
    }
    union.push(place);
  }
  for (; i < a.length; i += 1) union.push(a[i] as Place);
  return union;
}
