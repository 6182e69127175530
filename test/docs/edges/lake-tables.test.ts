import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import { type Flow, lake, pipeline } from "../../../shared/index.ts";
import { encodeParquet } from "../../../shared/lake/parquet.ts";
import { throughCrashes } from "./crashes.ts";
import { type Thing, thing, things } from "./given.ts";

type Row = { readonly [field: string]: unknown };

/** Sends events in one request, and looks at the table "t" that they were written to, and at what failed. */
async function written(events: readonly Row[], build: (things: Flow<Thing>) => void) {
  const driver = await TestDriver.create(pipeline("p", (p) => build(p.from(things()))));
  const all = events.map((event, i) => thing(`e${i}`, event));
  await driver.feed("things", all);
  return {
    ns: driver.lake<Thing>("t").map(({ n }) => n),
    codes: driver.failed().map(({ error }) => error.code),
  };
}

/** Rows as a Parquet reader finds them. */
async function read(
  rows: readonly Row[],
  columns?: NonNullable<Parameters<typeof encodeParquet>[1]["columns"]>,
) {
  const bytes = encodeParquet(rows, { sink: "t", columns });
  return parquetReadObjects({ file: new Uint8Array(bytes).buffer });
}

test("Every row is appended: none replaces another.", async () => {
  const { ns } = await written([{ id: "x" }, { id: "x" }], (things) => things.to(lake("t")));
  expect(ns).toEqual([1, 1]);
});

test("A row is an object with a field at least.", async () => {
  const values = [1, 5, null, [1], {}, "x"];
  const { ns, codes } = await written(
    values.map((n) => ({ n })),
    (things) => things.map((thing) => (thing.n === 1 ? thing : (thing.n as never))).to(lake("t")),
  );
  expect(ns).toEqual([1]);
  expect(codes).toEqual(Array(5).fill("LAKE_COLUMN"));
});

test("Objects are flattened one level; what is nested deeper is JSON.", async () => {
  expect(await read([{ a: { b: 1, c: { d: 2 } }, e: [1, { f: 2 }] }])).toEqual([
    { a_b: 1, a_c: { d: 2 }, e: [1, { f: 2 }] },
  ]);
});

test("A row two of whose fields would share a column fails.", async () => {
  const { codes } = await written([{ n: { a: 1 }, n_a: 2 }], (things) => things.to(lake("t")));
  expect(codes).toEqual(["LAKE_COLUMN"]);
});

test("Without `columns` a file has those that its rows have: numbers are doubles, mixed types JSON, a window's bounds times.", async () => {
  const rows = [{ n: 1, m: 1, window: { start: 0, end: 1 } }, { n: 2.5, m: "x" }, { big: 1n }];
  const [first, second, third] = await read(rows);
  expect(first).toMatchObject({ n: 1, m: 1, big: null });
  expect([Number(first?.["window_start"]), Number(first?.["window_end"])]).toEqual([0, 1]);
  expect(second).toMatchObject({ n: 2.5, m: "x", window_start: null });
  expect(third).toMatchObject({ n: null, big: 1n });
});

test("With `columns` it has those, in that order; other fields are left out, what is missing is null.", async () => {
  const columns = [
    { name: "k", type: "string" },
    { name: "n", type: "int64" },
    { name: "day", type: "timestamp" },
  ] as const;
  const [row = {}] = await read([{ n: 1, more: 2, k: "b" }], columns);
  expect(Object.entries(row)).toEqual([
    ["k", "b"],
    ["n", 1n],
    ["day", null],
  ]);
});

test("A value that does not fit its column fails its row; `null` and `undefined` fit all.", async () => {
  const values = [1, null, undefined, 5n, 1.5, "1", 2 ** 60];
  const { ns, codes } = await written(
    values.map((n) => ({ n })),
    (things) => things.to(lake("t", { columns: { n: "int64" } })),
  );
  expect(ns).toEqual([1, null, undefined, 5n]);
  expect(codes).toEqual(Array(3).fill("LAKE_COLUMN"));
});

test("Folders are texts, of 600 characters together at most.", async () => {
  const values = ["day", "a/b", "", 5, null, "x".repeat(700)];
  const { ns, codes } = await written(
    values.map((n) => ({ n })),
    (things) => things.to(lake("t", { partitionBy: ({ n }) => ({ n: n as unknown as string }) })),
  );
  expect([...ns].sort()).toEqual(["", "a/b", "day"]);
  expect(codes).toEqual(Array(3).fill("LAKE_COLUMN"));
});

test("A table without a column is refused.", async () => {
  await expect(written([], (things) => things.to(lake("t", { columns: {} })))).rejects.toMatchObject({
    code: "PLAN_OPTION",
  });
});

test("After a crash, too, every row is there, and once.", async () => {
  const events = Array.from({ length: 40 }, (_, n) => ({ n }));
  const rows = await throughCrashes(events, (things) => ({ t: things }), { atOnce: 3 });
  expect(rows("t").map((row) => (row as Thing).n)).toEqual(events.map(({ n }) => n));
});
