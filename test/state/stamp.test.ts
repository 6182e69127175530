import { describe, expect, test } from "vitest";
import { type StateVersion, stampOf, unreadable, versionIn } from "../../shared/state/stamp.ts";

const shape = (...versions: StateVersion[]) => ({ fingerprint: "f00d", versions });

describe("a stamp", () => {
  test("is the fingerprint alone where all states are of version 1", () => {
    expect(stampOf(shape())).toBe("f00d");
    expect(stampOf(shape(["p", "last", 2], ["w", "odd", 3]))).toBe('f00d [["p","last",2],["w","odd",3]]');
  });

  test("of the same shape can be read by code of the same versions, and of higher ones", () => {
    const two = shape(["p", "last", 2], ["p", "all", 5]);
    for (const written of [shape(), shape(["p", "last", 2]), two, shape(["p", "all", 4])])
      expect(unreadable(two, stampOf(written))).toBeUndefined();
  });

  test("of a higher version is refused by the state that has it", () => {
    const written = stampOf(shape(["p", "last", 2], ["p", "all", 5]));
    expect(unreadable(shape(["p", "last", 2], ["p", "all", 4]), written)).toEqual(["p", "all", 5]);
    expect(unreadable(shape(["p", "all", 5]), written)).toEqual(["p", "last", 2]);
    expect(unreadable(shape(), written)).toEqual(["p", "last", 2]);
    // the same name of another operator, and another name of the same
    expect(unreadable(shape(["q", "last", 9], ["p", "first", 9]), written)).toEqual(["p", "last", 2]);
  });

  test.each(["beef", "f00", "f00d1", 'beef [["p","last",2]]'])("of another shape is refused: %s", (stamp) => {
    expect(unreadable(shape(["p", "last", 2]), stamp)).toBe("shape");
  });

  test("says version 1 of what it does not name", () => {
    const named = shape(["p", "last", 2], ["q", "all", 3]);
    expect([versionIn(named, "p", "last"), versionIn(named, "q", "all")]).toEqual([2, 3]);
    expect([versionIn(named, "p", "all"), versionIn(named, "q", "last")]).toEqual([1, 1]);
  });
});
