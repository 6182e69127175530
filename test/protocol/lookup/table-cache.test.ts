import { describe, expect, test } from "vitest";
import type { Key } from "../../../shared/events/event.ts";
import { TableCache } from "../../../shared/protocol/lookup/table-cache.ts";
import { encodeValue } from "../../../shared/state/codec.ts";
import { BEGINNING_OF_TIME } from "../../../shared/time/time.ts";
import { at, outside, tableOf } from "./tables.ts";

const table = tableOf();
const row = (k: Key, v: number | string) => ({ k, v });
const wants = (...keys: Key[]) => keys.map((key) => ({ key, since: at(0) }));
const saying = (...rows: unknown[]) => ({
  rows: rows.map((one) => ({ from: BEGINNING_OF_TIME, row: one })),
  since: BEGINNING_OF_TIME,
});

describe("rows in memory", () => {
  test("are those that were wanted, in that order, and that there is none", async () => {
    const port = outside({ rows: [row("a", 1), row("b", 2), row("c", 3)] });
    const cache = new TableCache(table, port);
    expect(cache.peek("a", at(0))).toBeUndefined();
    expect(await cache.fetch(wants("c", "none", "a"), at(0))).toEqual([
      saying(row("c", 3)),
      saying(),
      saying(row("a", 1)),
    ]);
    expect(["a", "b", "none"].map((key) => cache.peek(key, at(0)))).toEqual([
      saying(row("a", 1)),
      undefined,
      saying(),
    ]);
    expect(port.calls).toHaveLength(1);
  });

  test("are fresh until they are to be refreshed, each from when it was read", async () => {
    const cache = new TableCache(table, outside({ rows: [row("a", 1), row("b", 2)] }));
    await cache.fetch(wants("a"), at(5_000));
    await cache.fetch(wants("b"), at(5_500));
    expect(cache.peek("a", at(5_999))).toEqual(saying(row("a", 1)));
    expect(cache.peek("a", at(6_000))).toBeUndefined();
    expect(cache.peek("b", at(6_000))).toEqual(saying(row("b", 2)));
  });

  test("are what was read last", async () => {
    const port = outside({ rows: [row("a", 1)] });
    const cache = new TableCache(table, port);
    await cache.fetch(wants("a"), at(0));
    port.tables.set("rows", [row("a", 2)]);
    await cache.fetch(wants("a"), at(1_000));
    expect(cache.peek("a", at(1_000))).toEqual(saying(row("a", 2)));
  });

  test("answer from the version on that holds at the time that was asked for", async () => {
    const rows = [100, 200].map((from) => ({ k: "a", from }));
    const cache = new TableCache({ ...table, version: "from" }, outside({ rows }));
    expect(await cache.fetch([{ key: "a", since: at(250) }], at(0))).toMatchObject([{ since: 100 }]);
  });

  test("say why the store takes no such key", async () => {
    const port = outside({ rows: [] });
    port.refused.add("odd");
    const [answer] = await new TableCache(table, port).fetch(wants("odd"), at(0));
    expect(answer?.rows).toEqual([
      {
        from: BEGINNING_OF_TIME,
        row: undefined,
        problem: "it takes no such key (an odd key): look up by one of its type",
      },
    ]);
  });
});

describe("where there are more characters than there may be", () => {
  /** A key costs a hundred, whatever its rows are. */
  const charsOf = (...rows: unknown[]): number =>
    rows.reduce((n: number, one) => n + 100 + encodeValue(one).length, 0);
  const [a, b, c] = [row("a", "x".repeat(50)), row("b", 1), row("c", 1_000)];
  const cached = (cacheChars: number) =>
    new TableCache({ ...table, cacheChars }, outside({ rows: [a, b, c] }));
  const known = (cache: TableCache): string[] =>
    ["a", "b", "c", "none"].filter((key) => cache.peek(key, at(0)) !== undefined);

  test("those are forgotten that were not asked for longest", async () => {
    const most = charsOf(a, b, c) - 1;
    const first = cached(most);
    for (const key of ["a", "b", "c"]) await first.fetch(wants(key), at(0));
    expect(known(first)).toEqual(["b", "c"]);
    const asked = cached(most);
    for (const key of ["a", "b"]) await asked.fetch(wants(key), at(0));
    asked.peek("a", at(0));
    await asked.fetch(wants("c"), at(0));
    expect(known(asked)).toEqual(["a", "c"]);
  });

  test("and no more of them than it takes", async () => {
    const all = cached(charsOf(a, b, c));
    await all.fetch(wants("a", "b", "c"), at(0));
    expect(known(all)).toEqual(["a", "b", "c"]);
    await all.fetch(wants("none"), at(0));
    expect(known(all)).toEqual(["b", "c", "none"]);
  });

  test("one that is read again counts once", async () => {
    const cache = cached(charsOf(a, b));
    for (const key of ["a", "b", "a", "a", "b"]) await cache.fetch(wants(key), at(0));
    expect(known(cache)).toEqual(["a", "b"]);
  });

  test("one that is larger than all that there may be is given and not kept", async () => {
    const cache = cached(charsOf(a) - 1);
    await cache.fetch(wants("b"), at(0));
    expect(await cache.fetch(wants("a"), at(0))).toEqual([saying(a)]);
    expect(known(cache)).toEqual([]);
    await cache.fetch(wants("b"), at(0));
    expect(known(cache)).toEqual(["b"]);
  });
});
