import { describe, expect, test } from "vitest";
import { lakeFolders } from "../../shared/operators/lake-row.ts";

type Spec = Parameters<typeof lakeFolders>[0];
const spec = (changes: Partial<Spec> = {}): Spec =>
  ({ name: "out", columns: undefined, partitionBy: undefined, ...changes }) as Spec;
const refused = (message: unknown) =>
  expect.objectContaining({ code: "LAKE_COLUMN", next: "dead-lettered", message });
class Money {
  cents = 5;
}

describe("a row of a lake table without declared columns", () => {
  const folders = lakeFolders(spec());
  test.each([
    ["flat", { a: 1, b: "x", c: true, d: undefined }],
    ["with an object one level deep", { a: { b: 1 } }],
    ["with null or a list", { a: null, b: [1] }],
    ["without a prototype", Object.assign(Object.create(null), { a: 1 })],
  ])("may be %s", (_, row) => expect(folders(row)).toEqual({}));

  test.each([
    ["no object", 5],
    ["no object but a text", "text"],
    ["null", null],
    ["undefined", undefined],
    ["a list", [1]],
    ["of a class", new Money()],
    ["a function", () => 1],
  ])("must not be %s", (_, row) =>
    expect(() => folders(row)).toThrow(refused('lake "out": a row must be an object')),
  );

  test("must have a field", () => {
    for (const row of [{}, { a: {} }])
      expect(() => folders(row)).toThrow(refused('lake "out": a row without fields makes no column'));
  });

  test("must not have two fields of one name once it is flat", () =>
    expect(() => folders({ a: { b: 1 }, a_b: 2 })).toThrow(
      refused('lake "out": two fields of a row are called "a_b"'),
    ));
});

describe("a row of a lake table with declared columns", () => {
  const columns = { n: "int64", more: "json", at_time: "timestamp" } as const;
  const folders = lakeFolders(spec({ columns }));

  test("may have what fits them, nulls, other fields, or none", () => {
    for (const row of [{ n: 5 }, { n: null, more: [{}] }, { other: 1.5 }, {}, { at: { time: 7 }, n: 1n }])
      expect(folders(row)).toEqual({});
  });

  test("must not have what does not fit", () => {
    expect(() => folders({ n: 1.5 })).toThrow(
      refused('lake "out": number 1.5 does not fit column "n" (int64)'),
    );
    expect(() => folders({ at: { time: "noon" } })).toThrow(
      refused(expect.stringContaining('"at_time" (timestamp)')),
    );
  });
});

describe("folders of a row", () => {
  const by = (folders: unknown, columns?: Spec["columns"]) =>
    lakeFolders(spec({ columns, partitionBy: () => folders as never }));

  test("are what `partitionBy` gives of it, as a copy", () => {
    const day = { day: "2024-01-01" };
    const folders = lakeFolders(spec({ partitionBy: (row) => ({ kind: (row as { kind: string }).kind }) }));
    expect(folders({ kind: "a" })).toEqual({ kind: "a" });
    expect(by(day)({ a: 1 })).toEqual(day);
    expect(by(day)({ a: 1 })).not.toBe(day);
    expect(by(day, { a: "int64" })({ a: 1 })).toEqual(day);
  });

  test.each([[5], [null], [undefined], ["\ud800"]])("are texts in Unicode: %j is none", (value) =>
    expect(() => by({ day: value })({ a: 1 })).toThrow(
      refused('lake "out", partitionBy: "day" is no text that names a folder'),
    ),
  );

  test("have names in Unicode", () =>
    expect(() => by({ "\udfff": "x" })({ a: 1 })).toThrow(refused(expect.stringContaining("is no text"))));

  test("have 600 characters at most, as a URI has them", () => {
    expect(by({ day: "x".repeat(597) })({ a: 1 })).toEqual({ day: "x".repeat(597) });
    expect(() => by({ day: "x".repeat(598) })({ a: 1 })).toThrow(
      refused('lake "out", partitionBy: folders of 601 characters are too long for a key'),
    );
    expect(() => by({ a: "ä".repeat(50), b: "ä".repeat(50) })({ a: 1 })).toThrow(
      refused(expect.stringContaining("602 characters")),
    );
  });
});
