import { describe, expect, test } from "vitest";
import type { Key } from "../../../shared/events/event.ts";
import { FileCache } from "../../../shared/protocol/lookup/file-cache.ts";
import { BEGINNING_OF_TIME } from "../../../shared/time/time.ts";
import { at, outside, schemaOf, tableOf } from "./tables.ts";

const file = tableOf({ store: "s3" });
const row = (k: Key, v: number) => ({ k, v });
const wants = (...keys: Key[]) => keys.map((key) => ({ key, since: at(0) }));
const saying = (...rows: unknown[]) => ({
  rows: rows.map((one) => ({ from: BEGINNING_OF_TIME, row: one })),
  since: BEGINNING_OF_TIME,
});

describe("a file in memory", () => {
  test("says nothing before it is read, then of all its keys, wanted or not", async () => {
    const cache = new FileCache(file, outside({ rows: [row("a", 1), row("b", 2)] }));
    expect(cache.peek("a", at(0))).toBeUndefined();
    expect(await cache.fetch(wants("b", "none"), at(0))).toEqual([saying(row("b", 2)), saying()]);
    expect(cache.peek("a", at(0))).toEqual(saying(row("a", 1)));
    expect(cache.peek("nobody", at(0))).toEqual(saying());
  });

  test("has all versions of a key, and answers for all times", async () => {
    const rows = [200, 100].map((from) => ({ k: "a", from }));
    const cache = new FileCache({ ...file, version: "from" }, outside({ rows }));
    expect(await cache.fetch([{ key: "a", since: at(250) }], at(0))).toEqual([
      {
        rows: [
          { from: 100, row: rows[1] },
          { from: 200, row: rows[0] },
        ],
        since: BEGINNING_OF_TIME,
      },
    ]);
  });

  test("is fresh until it is to be refreshed, counted from when it was read last", async () => {
    const port = outside({ rows: [row("a", 1)] });
    const cache = new FileCache(file, port);
    await cache.fetch(wants("a"), at(5_000));
    await cache.fetch(wants("a"), at(5_999));
    expect(port.calls).toHaveLength(1);
    expect(cache.peek("a", at(5_999))).toEqual(saying(row("a", 1)));
    expect(cache.peek("a", at(6_000))).toBeUndefined();
    await cache.fetch(wants("a"), at(6_000));
    expect(port.calls).toHaveLength(2);
    expect(cache.peek("a", at(6_999))).toEqual(saying(row("a", 1)));
  });

  test("is asked for by the ETag of the one that is there, and taken anew where it has changed", async () => {
    const port = outside({ rows: [row("a", 1), row("b", 1)] });
    const etag = JSON.stringify(port.tables.get("rows"));
    const cache = new FileCache(file, port);
    await cache.fetch(wants("a"), at(0));
    await cache.fetch(wants("a"), at(1_000));
    port.tables.set("rows", [row("a", 2)]);
    expect(await cache.fetch(wants("a", "b"), at(2_000))).toEqual([saying(row("a", 2)), saying()]);
    expect(port.calls).toEqual([
      ["rows", undefined],
      ["rows", etag],
      ["rows", etag],
    ]);
  });

  test("is read once for all who need it at one time", async () => {
    const port = outside({ rows: [row("a", 1)] });
    const cache = new FileCache(file, port);
    await Promise.all([cache.fetch(wants("a"), at(0)), cache.fetch(wants("b"), at(0))]);
    expect(port.calls).toHaveLength(1);
  });

  test("is read again after a reading that failed", async () => {
    const gone = new Error("gone");
    const port = outside({ rows: gone });
    const cache = new FileCache(file, port);
    await expect(cache.fetch(wants("a"), at(0))).rejects.toBe(gone);
    port.tables.set("rows", [row("a", 1)]);
    expect(await cache.fetch(wants("a"), at(0))).toEqual([saying(row("a", 1))]);
  });

  test("cannot be the one that is known where none is", async () => {
    const port = { ...outside({}), file: async () => undefined };
    await expect(new FileCache(file, port).fetch(wants("a"), at(0))).rejects.toThrow(
      new TypeError('file "rows" is said to be known, and is not'),
    );
  });

  test("with a line that may be any row says so of keys without one", async () => {
    const cache = new FileCache(file, outside({ rows: [row("a", 1), "odd"] }));
    const [there, missing] = await cache.fetch(wants("a", "b"), at(0));
    expect(there).toEqual(saying(row("a", 1)));
    expect(missing).toMatchObject({
      rows: [{ row: undefined, problem: expect.stringMatching(/^line 2 is no JSON object/) as string }],
    });
  });

  test.each([
    ["at once", (value: unknown) => ({ value })],
    ["later", async (value: unknown) => ({ value })],
  ])("is checked %s, a row once, when it is asked for", async (_, valid) => {
    const checked: unknown[] = [];
    const schema = schemaOf((value) => {
      checked.push((value as { k: Key }).k);
      return valid(value);
    });
    const cache = new FileCache({ ...file, schema }, outside({ rows: [row("a", 1), row("b", 2)] }));
    await Promise.all([cache.fetch(wants("a"), at(0)), cache.fetch(wants("a"), at(0))]);
    expect(cache.peek("a", at(0))).toEqual(saying(row("a", 1)));
    expect(checked).toEqual(["a"]);
  });

  test("does not know what its schema has not said yet", async () => {
    const schema = schemaOf(async (value) => ({ value }));
    const cache = new FileCache({ ...file, schema }, outside({ rows: [row("a", 1), row("b", 2)] }));
    await cache.fetch(wants("a"), at(0));
    expect(cache.peek("b", at(0))).toBeUndefined();
    await cache.fetch(wants("b"), at(0));
    expect(cache.peek("b", at(0))).toEqual(saying(row("b", 2)));
  });
});
