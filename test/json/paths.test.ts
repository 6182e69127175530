import { describe, expect, test } from "vitest";
import { pathOf, project, treeOf, unionOf, valueAt } from "../../shared/json/paths.ts";

const tree = (...paths: readonly string[]) => treeOf(paths.map(pathOf));

describe("a projection", () => {
  test("keeps the named fields in the order in which the value has them", () => {
    const value = { z: 1, a: { y: 2, b: 3, c: [4] }, n: null };
    expect(JSON.stringify(project(value, tree("n", "a.c", "a.y", "z")))).toBe(
      '{"z":1,"a":{"y":2,"c":[4]},"n":null}',
    );
  });

  test.each([[null], [5], ["text"], [[{ b: 1 }]]])(
    "leaves %j as it is where an object was expected",
    (odd) => {
      expect(project({ a: odd }, tree("a.b"))).toEqual({ a: odd });
      expect(project(odd, tree("a.b"))).toEqual(odd);
    },
  );

  test("keeps the whole of what one path names and another looks into", () => {
    const value = { a: { b: 1, c: 2 } };
    expect(project(value, tree("a", "a.b"))).toEqual(value);
    expect(project(value, tree("a.b", "a"))).toEqual(value);
  });

  test("of several trees keeps what any of them does", () => {
    const value = { a: { b: 1, c: 2, d: 3 }, e: 4, f: 5 };
    expect(project(value, unionOf([tree("a.b", "e"), tree("a.d")]))).toEqual({ a: { b: 1, d: 3 }, e: 4 });
    expect(unionOf([tree("a"), true])).toBe(true);
  });
});

test("a path leads through own fields of objects only", () => {
  const value = { a: { b: 1 }, list: [1] };
  expect(valueAt(value, pathOf("a.b"))).toBe(1);
  expect(valueAt(value, pathOf("a.b.c"))).toBeUndefined();
  expect(valueAt(value, pathOf("list.0"))).toBeUndefined();
  expect(valueAt(value, pathOf("a.constructor"))).toBeUndefined();
});
