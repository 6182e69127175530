import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { comparePlaces, type Place, PlaceSet, packed, unionOf, unpacked } from "../../shared/state/place.ts";

// few of each, so that the same place comes often
const anyPlace: fc.Arbitrary<Place> = fc.tuple(
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(-1, 2, 10, "", "10", "b"),
);
const anyPlaces = fc.array(anyPlace, { maxLength: 30 });

const RANKS: readonly Place[1][] = [-1, 2, 10, "", "10", "b"];
/** In order and without repeats, by looking at every place there is. */
const inOrder = (places: readonly Place[]): Place[] =>
  [-2, -1, 0, 1, 2].flatMap((group) =>
    RANKS.filter((key) => places.some((place) => place[0] === group && place[1] === key)).map(
      (key): Place => [group, key],
    ),
  );

describe("places", () => {
  test("are in order of their groups, and in a group in order of their keys", () => {
    expect(comparePlaces([1, "b"], [2, "a"])).toBeLessThan(0);
    expect(comparePlaces([2, "a"], [1, "b"])).toBeGreaterThan(0);
    expect(comparePlaces([1, 9], [1, 10])).toBeLessThan(0);
    expect(comparePlaces([1, "a"], [1, 10])).toBeGreaterThan(0);
    expect(comparePlaces([1, "a"], [1, "a"])).toBe(0);
  });

  test.prop([anyPlaces])("of a set come in order, each once", (places) => {
    const set = new PlaceSet();
    for (const place of places) set.add(place);
    expect(set.sorted()).toEqual(inOrder(places));
  });

  test.prop([anyPlaces, anyPlaces])("that a set was cleared of are in it no more", (before, after) => {
    const set = new PlaceSet();
    for (const place of before) set.add(place);
    set.clear();
    expect(set.sorted()).toEqual([]);
    for (const place of after) set.add(place);
    expect(set.sorted()).toEqual(inOrder(after));
  });

  test.prop([anyPlaces])("that are packed come back in their order", (places) => {
    const list = inOrder(places);
    expect(unpacked(packed(list))).toEqual(list);
  });

  test.prop([anyPlaces, anyPlaces])("of two lists are one list in order, each place once", (a, b) => {
    expect(unionOf(inOrder(a), inOrder(b))).toEqual(inOrder([...a, ...b]));
  });

  test("of a list and of none are that very list", () => {
    const list: Place[] = [[0, "a"]];
    expect(unionOf(list, [])).toBe(list);
    expect(unionOf([], list)).toBe(list);
  });
});
