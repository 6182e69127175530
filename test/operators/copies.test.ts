import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { cloneData } from "../../shared/operators/custom.ts";
import { Cell } from "../../shared/operators/process/cell.ts";

/** Everything in a value that somebody could change. */
function partsOf(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  const inner: unknown[] =
    value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value);
  return value instanceof Uint8Array ? [value] : [value, ...inner.flatMap(partsOf)];
}

const anyData = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<unknown>(null, undefined, 1, "x", 2n, true),
    fc.uint8Array({ maxLength: 3 }),
    fc.integer().map((ms) => new globalThis.Date(ms)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.array(tie("value"), { maxLength: 3 }).map((members) => new Set(members)),
    fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("value"), { maxKeys: 3 }),
  ),
})).value;

describe.each<[string, (value: unknown) => unknown]>([
  ["a copy of plain data", cloneData],
  ["what a piece of state gives its reader", (value) => new Cell("a", value, undefined, 1, 0).copy()],
])("%s", (_, copyOf) => {
  test.prop([anyData])("is the same, and shares nothing that could be changed", (value) => {
    const before = new Set(partsOf(value));
    const copy = copyOf(value);
    expect(copy).toStrictEqual(value);
    expect(partsOf(copy).filter((part) => before.has(part))).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["a flat object", { a: 1, b: null, c: "x" }],
    ["an object in an object", { a: null, b: { c: [] } }],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: { b: 1 } })],
    ["a list of lists", [[1], [], null]],
    ["a Map of Maps", new Map([[["k"], new Map([["a", { b: 1 }]])]])],
    ["a Set of lists", new Set([[1]])],
    ["a Date", new globalThis.Date(7)],
    ["bytes", Uint8Array.of(1, 2)],
    ["a field called __proto__", JSON.parse('{"__proto__":{"a":{}},"b":{}}')],
  ])("of %s is the same, and shares nothing", (_what, value) => {
    const before = new Set(partsOf(value));
    const copy = copyOf(value);
    expect(copy).toStrictEqual(value);
    expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(value));
    expect(partsOf(copy).length).toBe(before.size);
    expect(partsOf(copy).filter((part) => before.has(part))).toEqual([]);
  });

  test("twice is two copies", () => {
    const cell = new Cell("a", { a: { b: 1 } }, undefined, 1, 0);
    expect(cell.copy()).toEqual(cell.copy());
    expect(cell.copy()).not.toBe(cell.copy());
  });
});

test("a piece of state stands under one name, 0 and -0 alike", () => {
  const nameOf = (name: string | number): unknown => new Cell(name, 1, undefined, 1, 0).name;
  expect([-0, 0, 7, "", "a"].map(nameOf)).toEqual([0, 0, 7, "", "a"]);
});
