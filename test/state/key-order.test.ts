import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { compareKeys, keyOfSortable, sortableKey } from "../../shared/state/key-order.ts";

const anyKey = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN, Number.MIN_VALUE, "", "s", "n"),
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom("\ud800", "\udfff", "\ue000", "\ue027", "\u0100", "\uffff", "\ud7ff", "a"), {
      maxLength: 4,
    })
    .map((units) => units.join("")),
);
const utf8 = new TextEncoder();
const sign = (n: number): number => Math.sign(n);

function compareBytes(a: string, b: string): number {
  const [x, y] = [utf8.encode(a), utf8.encode(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return (x[i] ?? 0) - (y[i] ?? 0);
  return x.length - y.length;
}

test("numbers come before strings, numbers by value, strings by code unit", () => {
  expect(["b", 10, "a", -1, 9, "10", "\uffff", "😀", Infinity].sort(compareKeys)).toEqual([
    -1,
    9,
    10,
    Infinity,
    "10",
    "a",
    "b",
    "😀",
    "\uffff",
  ]);
});

test.prop([anyKey, anyKey])(
  "the sortable text sorts as the keys do, by code unit and by UTF-8 byte",
  (a, b) => {
    const [x, y] = [sortableKey(a), sortableKey(b)];
    expect(sign(compareBytes(x, y))).toBe(sign(compareKeys(a, b)));
    expect(x < y ? -1 : x > y ? 1 : 0).toBe(sign(compareKeys(a, b)));
  },
);

test.prop([anyKey])("the sortable text reads back as the key and survives UTF-8", (key) => {
  const text = new TextDecoder().decode(utf8.encode(sortableKey(key)));
  expect(keyOfSortable(text)).toBe(key === 0 ? 0 : key);
});

test.prop([anyKey, anyKey, anyKey])("the order is total", (a, b, c) => {
  expect(sign(compareKeys(a, b))).toBe(-sign(compareKeys(b, a)) + 0);
  if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) expect(compareKeys(a, c)).toBeLessThanOrEqual(0);
});

test.each([
  ["a", "a"],
  ["", ""],
  [1, 1],
  [0, -0],
  [Number.NaN, Number.NaN],
])("%s and %s are one key", (a, b) => {
  expect(compareKeys(a, b)).toBe(0);
  expect(sortableKey(a)).toBe(sortableKey(b));
});

test("the least negative number comes before zero, and after all others", () => {
  const keys = [-1, -Number.MIN_VALUE, 0, Number.MIN_VALUE];
  expect(keys.map(sortableKey).sort()).toEqual(keys.map(sortableKey));
});

test("a text reads back as its key, whichever was written last", () => {
  const texts = [-2.1, 7.3, 0].map(sortableKey);
  expect([...texts].reverse().map(keyOfSortable)).toEqual([0, 7.3, -2.1]);
});

test.each(["n12", "xn0000000000000000", "n00000000000000000", "n000000000000000g", ""])(
  "a text that is no sortable key is refused: %s",
  (text) => {
    expect(() => keyOfSortable(text)).toThrow(
      expect.objectContaining({
        code: "VALUE_UNDECODABLE",
        next: "refused",
        message: `"${text}" is no sortable key`,
      }),
    );
  },
);
