import { describe, expect, test } from "vitest";
import type { Key } from "../../../shared/events/event.ts";
import type { TableSpec } from "../../../shared/operators/lookup/spec.ts";
import { cachedLookups, type LookupSession } from "../../../shared/protocol/lookup/sessions.ts";
import { settableClock } from "../conformance/settable-clock.ts";
import { at, outside, tableOf } from "./tables.ts";

const START = 1_700_000_000_000;
const table = tableOf({ version: "from" });
const file = tableOf({ store: "s3", name: "file", version: "from" });
const row = (k: Key, from: number, v = 0) => ({ k, from, v });
const rows = [row("a", 100), row("a", 200), row("b", 0)];

/** The lookups of an environment: a clock, tables, and a way to open partitions that have begun. */
function opened(tables: Parameters<typeof outside>[0] = { rows, file: rows }) {
  const clock = settableClock(START);
  const lookups = outside(tables);
  const open = cachedLookups({ lookups, clock });
  return {
    clock,
    lookups,
    open: (): LookupSession => {
      const session = open();
      session.begin();
      return session;
    },
  };
}
const read = (session: LookupSession, of: TableSpec, key: Key, time: number) =>
  session.read(of, key, at(time), "shard:1")?.rows.map(({ from }) => from);
const lack = (of: TableSpec, key: Key, time: number) => ({ table: of, key, at: at(time) });

describe("a partition's lookups", () => {
  test.each([
    ["table", table, [200]],
    ["file", file, [100, 200]],
  ] as const)("read of a %s what was fetched, and nothing before", async (_, of, found) => {
    const session = opened({ rows: [row("a", 200)], file: rows }).open();
    expect(read(session, of, "a", 250)).toBeUndefined();
    await session.fetch([lack(of, "a", 250)]);
    expect(read(session, of, "a", 250)).toEqual(found);
  });

  test("fetch all that is lacking in one round, a key once and as of the earliest time", async () => {
    const { open, lookups } = opened();
    const other = tableOf({ name: "other" });
    await open().fetch([
      ...[lack(table, "a", 250), lack(other, "a", 7), lack(table, "b", 30)],
      ...[lack(table, "a", 150), lack(table, "a", 270)],
    ]);
    expect(lookups.calls).toEqual([
      [
        "rows",
        [
          ["a", 150],
          ["b", 30],
        ],
      ],
      ["other", [["a", 7]]],
    ]);
  });

  test("lack what is older than what was fetched", async () => {
    const { open, lookups } = opened({ rows: [row("a", 200)] });
    const session = open();
    await session.fetch([lack(table, "a", 250)]);
    expect(read(session, table, "a", 200)).toEqual([200]);
    expect(read(session, table, "a", 199)).toBeUndefined();
    // nor does one that begins after it find that in what is in memory
    expect(read(open(), table, "a", 199)).toBeUndefined();
    lookups.tables.set("rows", rows);
    await session.fetch([lack(table, "a", 199)]);
    expect(read(session, table, "a", 199)).toEqual([100, 200]);
  });

  test("of an environment share what is in memory, while it is fresh", async () => {
    const { open, lookups, clock } = opened();
    await open().fetch([lack(table, "b", 250)]);
    clock.set(START + 999);
    expect(read(open(), table, "b", 250)).toEqual([0]);
    clock.set(START + 1_000);
    expect(read(open(), table, "b", 250)).toBeUndefined();
    expect(lookups.calls).toHaveLength(1);
  });

  test("have what is in memory of each table by itself", async () => {
    const { open } = opened();
    await open().fetch([lack(table, "b", 250)]);
    expect(read(open(), tableOf({ name: "other", version: "from" }), "b", 250)).toBeUndefined();
    expect(read(open(), file, "b", 250)).toBeUndefined();
  });

  test("read once what they read again, whatever others fetch, until they begin anew", async () => {
    const { open, lookups, clock } = opened({ rows: [row("a", 100), row("b", 100)] });
    const [fetching, peeking] = [open(), open()];
    await fetching.fetch([lack(table, "a", 100), lack(table, "b", 100)]);
    expect(read(peeking, table, "a", 100)).toEqual([100]);
    lookups.tables.set("rows", [row("a", 50)]);
    clock.set(START + 1_000);
    await open().fetch([lack(table, "a", 100)]);
    for (const session of [fetching, peeking]) {
      expect(read(session, table, "a", 100)).toEqual([100]);
      session.begin();
      expect(read(session, table, "a", 100)).toEqual([50]);
    }
    // and what was not read again is not fresh any more
    expect(read(fetching, table, "b", 100)).toBeUndefined();
  });

  test("hold what they have read for as long as their batch takes", async () => {
    const { open, clock } = opened();
    const session = open();
    await session.fetch([lack(table, "b", 250)]);
    clock.set(START + 60_000);
    expect(read(session, table, "b", 250)).toEqual([0]);
    session.begin();
    expect(read(session, table, "b", 250)).toBeUndefined();
  });
});

test.each(["dynamodb", "s3"] as const)(
  "a function that was deployed without lookups says so of one in %s",
  async (store) => {
    const session = cachedLookups({ clock: settableClock() })();
    session.begin();
    await expect(session.fetch([lack(tableOf({ store }), "a", 0)])).rejects.toMatchObject({
      code: "LOOKUP_UNAVAILABLE",
      message: 'lookup "rows": this function was deployed without lookups; deploy it with them',
      next: "retried",
    });
  },
);
