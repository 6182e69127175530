import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { fc, test } from "@fast-check/vitest";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import type { Column } from "../../shared/events/column.ts";
import { encodeParquet } from "../../shared/lake/parquet.ts";

type Row = Readonly<Record<string, unknown>>;
const sink = "hourly_delays";

let folder: string;
let duckdb: DuckDBInstance;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-lake-"));
  // without its cache of files, which takes a file written again within the clock's tick for the one it has seen
  duckdb = await DuckDBInstance.create(":memory:", { enable_external_file_cache: "false" });
});
afterAll(() => {
  duckdb.closeSync();
  rmSync(folder, { recursive: true });
});

/** What DuckDB, which we did not write, finds in the bytes. `FILE` in the query stands for them. */
async function asked(query: string, bytes: Uint8Array): Promise<Row[]> {
  const file = join(folder, "judged.parquet");
  writeFileSync(file, bytes);
  const connection = await duckdb.connect();
  try {
    const result = await connection.runAndReadAll(query.replaceAll("FILE", `'${file}'`));
    return result.getRowObjectsJson() as Row[];
  } finally {
    connection.closeSync();
  }
}
const typesIn = async (bytes: Uint8Array): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    (await asked("describe select * from FILE", bytes)).map((row) => {
      const { column_name, column_type } = row as { column_name: string; column_type: string };
      return [column_name, column_type];
    }),
  );
const readBack = (bytes: Uint8Array): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: Uint8Array.from(bytes).buffer, compressors });

const hour = 3_600_000;
const results: Row[] = Array.from({ length: 5_000 }, (_, i) => ({
  key: ["EWR", "JFK", "LGA"][i % 3],
  window: { start: 1_356_998_400_000 + i * hour, end: 1_356_998_400_000 + (i + 1) * hour },
  pane: { index: i % 2, timing: i % 2 === 0 ? "on-time" : "late" },
  flights: i,
  p95: i % 7 === 0 ? null : i / 4,
  complete: i % 2 === 0,
  carriers: ["UA", { code: i }],
}));

describe("a Parquet file", () => {
  test.each([["snappy", undefined], ["zstd", zstd.compress] as const])(
    "of a window's results is read by DuckDB, with %s",
    async (_, compress) => {
      const bytes = encodeParquet(results, { sink, zstd: compress });
      expect(await typesIn(bytes)).toEqual({
        key: "VARCHAR",
        window_start: "TIMESTAMP",
        window_end: "TIMESTAMP",
        pane_index: "DOUBLE",
        pane_timing: "VARCHAR",
        flights: "DOUBLE",
        p95: "DOUBLE",
        complete: "BOOLEAN",
        carriers: "JSON",
      });
      expect(
        await asked(
          `select count(*)::int n, sum(flights)::int flights, count(p95)::int p95, count(distinct key)::int keys,
            epoch_ms(min(window_start))::varchar earliest, epoch_ms(max(window_end))::varchar latest,
            sum((carriers->1->>'code')::int)::int codes, count(*) filter (complete)::int complete from FILE`,
          bytes,
        ),
      ).toEqual([
        {
          n: 5_000,
          flights: 12_497_500,
          p95: 4_285,
          keys: 3,
          earliest: "1356998400000",
          latest: String(1_356_998_400_000 + 5_000 * hour),
          codes: 12_497_500,
          complete: 2_500,
        },
      ]);
    },
  );

  test("is read by hyparquet as well, value by value", async () => {
    const rows = await readBack(encodeParquet(results, { sink, zstd: zstd.compress }));
    expect(rows).toHaveLength(results.length);
    expect(rows[8]).toEqual({
      key: "LGA",
      window_start: new globalThis.Date(1_356_998_400_000 + 8 * hour),
      window_end: new globalThis.Date(1_356_998_400_000 + 9 * hour),
      pane_index: 0,
      pane_timing: "on-time",
      flights: 8,
      p95: 2,
      complete: true,
      carriers: ["UA", { code: 8 }],
    });
  });

  test("has times delta-packed, repeating strings in a dictionary and statistics to skip by", async () => {
    const bytes = encodeParquet(results, { sink });
    const columns = await asked(
      "select path_in_schema as name, encodings, stats_min_value is not null as stats from parquet_metadata(FILE)",
      bytes,
    );
    expect(columns).toEqual(
      expect.arrayContaining([
        { name: "window_start", encodings: "DELTA_BINARY_PACKED", stats: true },
        { name: "key", encodings: "PLAIN, RLE_DICTIONARY", stats: true },
      ]),
    );
  });

  test("keeps rows in groups of 100,000", () => {
    const rows = Array.from({ length: 100_001 }, (_, n) => ({ n }));
    const { row_groups } = parquetMetadata(Uint8Array.from(encodeParquet(rows, { sink })).buffer);
    expect(row_groups.map((group) => Number(group.num_rows))).toEqual([100_000, 1]);
  });

  const anyRow = fc.record(
    {
      s: fc.option(fc.string({ unit: "grapheme" })),
      n: fc.option(fc.double()),
      i: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      t: fc.option(fc.integer({ min: -(2 ** 50), max: 2 ** 50 })),
      b: fc.option(fc.boolean()),
    },
    { requiredKeys: [] },
  );
  const columns: readonly Column[] = [
    { name: "s", type: "string" },
    { name: "n", type: "double" },
    { name: "i", type: "int64" },
    { name: "t", type: "timestamp" },
    { name: "b", type: "boolean" },
  ];
  test.prop([fc.array(anyRow, { maxLength: 40 })])("of any rows reads back as those rows", async (rows) => {
    const bytes = encodeParquet(rows, { sink, columns, zstd: zstd.compress });
    const back = await readBack(bytes);
    expect(
      back.map(({ t, ...row }) => ({
        ...row,
        t: (t as InstanceType<typeof globalThis.Date> | null)?.getTime() ?? null,
      })),
    ).toEqual(
      rows.map(({ s, n, i, t, b }) => ({
        s: s ?? null,
        n: n ?? null,
        i: i ?? null,
        t: t ?? null,
        b: b ?? null,
      })),
    );
  });

  test.prop([fc.array(anyRow, { minLength: 1, maxLength: 40 })], { numRuns: 15 })(
    "of any rows is read alike by DuckDB",
    async (rows) => {
      const bytes = encodeParquet(rows, { sink, columns, zstd: zstd.compress });
      const back = await asked(
        "select s, i::varchar i, epoch_ms(t)::varchar t, b, n::varchar n from FILE",
        bytes,
      );
      expect(back.map(({ s, i, t, b }) => [s, i, t, b])).toEqual(
        rows.map(({ s, i, t, b }) => [s ?? null, i?.toString() ?? null, t?.toString() ?? null, b ?? null]),
      );
      expect(
        back.map(({ n }) =>
          n === null ? null : n === "nan" ? NaN : Number(String(n).replace("inf", "Infinity")),
        ),
      ).toEqual(rows.map(({ n }) => n ?? null));
    },
  );

  test.prop([fc.array(anyRow)])("has the same bytes for the same rows", (rows) => {
    const again = structuredClone(rows);
    expect(encodeParquet(again, { sink, columns })).toEqual(encodeParquet(rows, { sink, columns }));
  });

  test("types a number alike whether or not this file's numbers are whole", async () => {
    for (const value of [1, 1.5, -0, 2 ** 60])
      expect(await typesIn(encodeParquet([{ value }], { sink }))).toEqual({ value: "DOUBLE" });
  });

  test("holds mixed, nested and unusual values as JSON", async () => {
    const rows = [
      { v: 1, deep: { list: [1n, new Map([["a", new Set([Number.NaN])]])] } },
      { v: "x", deep: { list: 2n ** 70n } },
    ];
    expect(
      await asked("select v::varchar v, deep_list::varchar l from FILE", encodeParquet(rows, { sink })),
    ).toEqual([
      { v: "1", l: '[1,{"a":["NaN"]}]' },
      { v: '"x"', l: '"1180591620717411303424"' },
    ]);
  });

  test("of what does not fit the type that its name or kind suggests takes a wider one", async () => {
    const types = (rows: readonly Record<string, unknown>[]) => typesIn(encodeParquet(rows, { sink }));
    expect(await types([{ window_start: 5 }])).toEqual({ window_start: "TIMESTAMP" });
    expect(await types([{ window_start: 5 }, { window_start: "noon" }])).toEqual({ window_start: "JSON" });
    expect(await types([{ i: 1n }, { i: null }])).toEqual({ i: "BIGINT" });
    expect(await types([{ i: 1n }, { i: 2n ** 63n }])).toEqual({ i: "JSON" });
  });

  test("without rows still has its declared columns", async () => {
    expect(await asked("select count(*)::int n from FILE", encodeParquet([], { sink, columns }))).toEqual([
      { n: 0 },
    ]);
  });

  test.each([
    ["a fraction in an int64", { i: 1.5 }, 'number 1.5 does not fit column "i" (int64)'],
    ["an int64 beyond 64 bits", { i: 2n ** 63n }, 'does not fit column "i"'],
    ["a number in a string", { s: 5 }, 'number 5 does not fit column "s" (string)'],
    ["a text that is no time", { t: "noon" }, 'string noon does not fit column "t" (timestamp)'],
    ["an infinite time", { t: Infinity }, 'column "t"'],
  ])("refuses %s, naming sink and column", (_, row, message) => {
    expect(() => encodeParquet([row], { sink, columns })).toThrow(
      expect.objectContaining({ code: "LAKE_COLUMN" }),
    );
    expect(() => encodeParquet([row], { sink, columns })).toThrow(message);
    expect(() => encodeParquet([row], { sink, columns })).toThrow(sink);
  });

  test("refuses two fields that would share a column, and rows without fields", () => {
    expect(() => encodeParquet([{ window_start: 1, window: { start: 2 } }], { sink })).toThrow(
      "window_start",
    );
    expect(() => encodeParquet([{}], { sink })).toThrow(expect.objectContaining({ code: "LAKE_COLUMN" }));
  });
});
