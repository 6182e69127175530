import { expect, test } from "vitest";
import { canKeep, checkKeepable, checkPlace, keepable } from "../../shared/operators/keepable.ts";

const coded = (code: string, message: unknown) =>
  expect.objectContaining({ code, next: "dead-lettered", message });

test("a value that no log keeps is refused, one that is too long too", () => {
  expect(() => checkKeepable({ a: () => 1 })).toThrow(expect.objectContaining({ code: "VALUE_UNSUPPORTED" }));
  expect(() => checkKeepable("12345678", 10)).not.toThrow();
  expect(() => checkKeepable("123456789", 10)).toThrow(
    coded("VIEW_TOO_LARGE", "a row of 11 characters, where 10 is the limit"),
  );
  expect(() => checkKeepable("1".repeat(1_000_000))).not.toThrow();
});

test("values are looked at by a careful fold only, which fails those that cannot be kept", () => {
  const failed: unknown[] = [];
  const fail = (value: unknown, thrown: unknown): void => {
    failed.push([value, (thrown as { code: string }).code]);
  };
  const odd = new WeakMap();
  expect(canKeep({ careful: () => false, fail }, odd)).toBe(true);
  expect(failed).toEqual([]);
  expect(canKeep({ careful: () => true, fail }, "fits", 6)).toBe(true);
  expect(canKeep({ careful: () => true, fail }, "too long", 6)).toBe(false);
  expect(canKeep({ careful: () => true, fail }, odd)).toBe(false);
  expect(failed).toEqual([
    ["too long", "VIEW_TOO_LARGE"],
    [odd, "VALUE_UNSUPPORTED"],
  ]);
});

test.each([
  ["key", (text: string) => checkPlace("v", text, 1), 1_900],
  ["sort", (text: string) => checkPlace("v", 1, text), 1_000],
] as const)("a %s of a view must fit a table's key, in bytes", (_, check, most) => {
  const refusal = coded("VIEW_TOO_LARGE", 'view "v": a key or sort is longer than a table\'s key may be');
  const longest = (letter: string): number => {
    let n = 0;
    for (; n <= most; n += 1) {
      try {
        check(letter.repeat(n + 1));
      } catch (thrown) {
        expect(thrown).toEqual(refusal);
        break;
      }
    }
    return n;
  };
  // what tells a text from a number is a byte or two
  expect(most - longest("x")).toBeLessThan(4);
  expect(longest("ä")).toBe(Math.floor(longest("x") / 2));
});

test("what cannot be kept is told in words, all else as it is", () => {
  const value = { a: [1] };
  expect(keepable(value)).toBe(value);
  expect(keepable(new WeakMap())).toBe("a value that cannot be kept: [object WeakMap]");
  expect(keepable({ a: () => 1 })).toBe("a value that cannot be kept: [object Object]");
});
