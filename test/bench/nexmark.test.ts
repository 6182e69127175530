import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { nexmarkLines } from "../../bench/nexmark/generate.ts";
import { QUERIES, type Query } from "../../bench/nexmark/queries.ts";
import { multiset, type Row } from "../../bench/nexmark/rows.ts";
import { rowsOf, withDuckDb } from "../oracles/duckdb.ts";
import { expectedRows, NexmarkInput, sqlOf } from "./nexmark-rows.ts";

const SEED_1 = { events: 100_000, seed: 1, rate: 1_000 };
const STREAMS = [
  {
    name: "s1",
    options: { ...SEED_1, maxDelay: 0 },
    sha256: "9706dcd0bc33d7a06e17e2b8dbbe32427212ef2f41fe6687e9a1cf9178871b8d",
  },
  {
    name: "s1-ooo",
    options: { ...SEED_1, maxDelay: 3_000 },
    sha256: "bcf70c738a96f4687ed63c0103dbe1066a0333b70bf7c45dfab5738257d89a51",
  },
] as const;

/** Of the others, every bid is a row: they are compared with SQL below. */
const WITH_EXPECTED_ROWS: readonly Query[] = ["q2", "q3", "q4", "q5", "q7", "q8", "q11", "q12"];

describe.each(STREAMS)("the stream $name", ({ name, options, sha256 }) => {
  test("has the bytes that the expected rows were computed from", () => {
    const hash = createHash("sha256");
    for (const text of nexmarkLines(options)) hash.update(text);
    expect(hash.digest("hex")).toBe(sha256);
  });

  test("gives every query's expected rows", async () => {
    using input = new NexmarkInput(options);
    for (const query of WITH_EXPECTED_ROWS)
      expect(multiset(await input.rowsOf(query)), query).toEqual(multiset(expectedRows(name, query)));
  });
});

test("as many rows are dropped as are written", async () => {
  using input = new NexmarkInput({ events: 20_000, seed: 3, rate: 1_000, maxDelay: 1_000 });
  for (const query of QUERIES)
    expect(await input.countOf(query), query).toBe((await input.rowsOf(query)).length);
});

test.each([
  { events: 30_000, seed: 7, rate: 400, maxDelay: 0 },
  { events: 30_000, seed: 8, rate: 5_000, maxDelay: 2_500 },
])("DuckDB finds the same rows in another stream: %o", async (options) => {
  using input = new NexmarkInput(options);
  await withDuckDb(async (db) => {
    await db.run(sqlOf("00_views").replaceAll("$FILE", input.path));
    for (const query of QUERIES) {
      const expected = (await rowsOf<Row>(db, sqlOf(query))).map(withNumbers);
      expect(multiset(await input.rowsOf(query)), query).toEqual(multiset(expected));
    }
  });
});

/** DuckDB's integers come as `bigint`. */
const withNumbers = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  );
