import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { blankPage, noSummary, type Page } from "../../shared/state/page.ts";
import { Pages } from "../../shared/state/pages.ts";
import { comparePlaces, type Place } from "../../shared/state/place.ts";

const anyPlace: fc.Arbitrary<Place> = fc.tuple(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(-1, 0, 7, "a", "b"),
);
const named = ([group, key]: Place): string => JSON.stringify([group, key]);
const pageFrom = (first: Place | undefined, resident = true): Page => ({
  ...blankPage("w"),
  first,
  resident,
});

describe("the pages of an operator", () => {
  test.prop([fc.uniqueArray(anyPlace, { maxLength: 12, selector: named }), fc.boolean(), anyPlace])(
    "hold every place: in the last that begins at or before it, or in the first",
    (firsts, isOpen, place) => {
      const list = [...(isOpen ? [undefined] : []), ...firsts.sort(comparePlaces)].map((first) =>
        pageFrom(first),
      );
      const pages = new Pages("w");
      pages.replace(list);
      const before = pages.list.filter(
        ({ first }) => first === undefined || comparePlaces(first, place) <= 0,
      );
      expect(pages.find(place)).toBe(before.at(-1) ?? pages.list[0]);
    },
  );

  test("are one to begin with, which holds all places and is in memory", () => {
    const pages = new Pages("w");
    expect(pages.list).toEqual([
      {
        operator: "w",
        first: undefined,
        chain: [],
        summary: noSummary(),
        resident: true,
        places: new Map(),
        pending: [],
        used: 0,
      },
    ]);
    expect(pages.complete).toBe(true);
    expect(pages.find([5, "a"])).toBe(pages.list[0]);
  });

  test("are one blank page again where a snapshot has none", () => {
    const pages = new Pages("w");
    pages.replace([pageFrom([0, "a"], false)]);
    pages.replace([]);
    expect(pages.list).toEqual([blankPage("w")]);
    expect(pages.complete).toBe(true);
  });

  test("are complete while all of them are in memory, once they were looked at again", () => {
    const pages = new Pages("w");
    const [one, two] = [pageFrom(undefined, true), pageFrom([0, "a"], false)];
    pages.replace([one, two]);
    expect(pages.complete).toBe(false);
    two.resident = true;
    pages.settle();
    expect(pages.complete).toBe(true);
    one.resident = false;
    pages.settle();
    expect(pages.complete).toBe(false);
  });

  test("leave what was dirty dirty when a snapshot replaces them", () => {
    const pages = new Pages("w");
    pages.dirty.add([0, "a"]);
    pages.replace([pageFrom(undefined)]);
    expect(pages.dirty.sorted()).toEqual([[0, "a"]]);
  });
});
