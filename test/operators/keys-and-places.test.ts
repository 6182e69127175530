import { describe, expect, test } from "vitest";
import { avg } from "../../shared/index.ts";
import { checkedKey } from "../../shared/operators/checked-key.ts";
import { checkPlace } from "../../shared/operators/keepable.ts";

describe("a key", () => {
  test.each(["", "a", 0, -1.5])("may be %j", (key) => {
    expect(checkedKey(key, "by")).toBe(key);
  });

  test.each([
    [null, "null"],
    [undefined, "undefined"],
    [{}, "object"],
    [1n, "bigint"],
    [true, "boolean"],
  ])("that is %s is refused by the operator's name", (key, kind) => {
    expect(() => checkedKey(key, "by")).toThrow(
      expect.objectContaining({
        code: "KEY_TYPE",
        next: "dead-lettered",
        message: `operator "by": a key must be a string or a number, not ${kind}`,
      }),
    );
  });
});

describe("the place of a view's row", () => {
  const tooLong = expect.objectContaining({
    code: "VIEW_TOO_LARGE",
    next: "dead-lettered",
    message: 'view "v": a key or sort is longer than a table\'s key may be',
  });

  // beside the text itself a table holds one letter that says what it is
  test.each<[string | number, string | number]>([
    ["k".repeat(1_899), "s"],
    ["k", "s".repeat(999)],
    ["k".repeat(1_899), "s".repeat(999)],
    [Number.MAX_VALUE, Number.MIN_VALUE],
  ])("fits a table's key: %.8s, %.8s", (key, sort) => {
    expect(() => checkPlace("v", key, sort)).not.toThrow();
  });

  test.each<[string, string]>([
    ["k".repeat(1_900), "s"],
    ["k", "s".repeat(1_000)],
    // two or three bytes a letter
    ["é".repeat(950), "s"],
    ["k", "€".repeat(334)],
  ])("is refused where a table takes no such key: %.8s, %.8s", (key, sort) => {
    expect(() => checkPlace("v", key, sort)).toThrow(tooLong);
  });
});

test("a copy of a mean goes its own way", () => {
  const mean = avg<number>((n) => n);
  const info = { id: "", time: 0 as never, key: "" };
  const one = mean.add(mean.create(), 4 as never, info);
  const copy = mean.clone(one);
  expect(mean.finish(copy)).toBe(4);
  mean.add(copy, 8 as never, info);
  expect([mean.finish(one), mean.finish(copy)]).toEqual([4, 6]);
});
