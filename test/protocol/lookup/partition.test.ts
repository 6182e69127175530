import { expect, test } from "vitest";
import { z } from "zod";
import { dynamoTable, seconds } from "../../../shared/index.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import { decodeEntry } from "../../../shared/protocol/entry.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { BEGINNING_OF_TIME } from "../../../shared/time/time.ts";
import { sourceStage } from "../../operators/one-stage.ts";
import { eventOf } from "../../operators/runner.ts";
import { settableClock } from "../conformance/settable-clock.ts";
import { none, recording, recordsOf } from "../records.ts";
import { outside } from "./tables.ts";

const rows = dynamoTable("rows", {
  schema: z.object({ k: z.string(), v: z.int() }),
  key: "k",
  refresh: seconds(1),
});
const stage: Stage = sourceStage((all) => ({ out: all.lookup(rows, { id: "l", key: "k", as: "row" }) }));

/** A partition that takes an event of each key, batch by batch, and what it gave of each: the row's `v`. */
function looking(keys: string, tables: Parameters<typeof outside>[0]) {
  const [clock, lookups] = [settableClock(), outside(tables)];
  const env = recording({ clock, lookups });
  const loop = new StageLoop(stage, env);
  const records = recordsOf(
    stage,
    [...keys].map((k, n) => eventOf({ id: `e${n}`, k, t: n, n })),
  );
  const take = async (from: number, to: number): Promise<unknown[]> => {
    const before = env.entries.length;
    expect((await loop.run(records.slice(from, to))).causes).toEqual([]);
    return env.entries
      .slice(before)
      .flatMap(({ body }) => decodeEntry(body, none).frames)
      .flatMap(([, , , , given]) => given.map(([, , , value]) => (value as { row: { v: number } }).row.v));
  };
  return { env, clock, lookups, take };
}

test("a batch is given the rows of its keys, which are fetched in one round before it is committed", async () => {
  const { env, lookups, take } = looking("aba", {
    rows: [
      { k: "a", v: 1 },
      { k: "b", v: 2 },
    ],
  });
  expect(await take(0, 3)).toEqual([1, 2, 1]);
  // a table without versions is asked for all times
  const wants = [..."ab"].map((key) => [key, BEGINNING_OF_TIME]);
  expect(lookups.calls).toEqual([["rows", wants]]);
  expect(env.entries).toHaveLength(1);
});

test("a batch begins with the time of its own: what was read before may be too old for it", async () => {
  const { clock, lookups, take } = looking("aaa", { rows: [{ k: "a", v: 1 }] });
  expect(await take(0, 1)).toEqual([1]);
  lookups.tables.set("rows", [{ k: "a", v: 2 }]);
  expect(await take(1, 2)).toEqual([1]);
  clock.set(clock.now() + 1_000);
  expect(await take(2, 3)).toEqual([2]);
});

test("nothing is fetched for a batch whose rows are in memory", async () => {
  const { lookups, take } = looking("aa", { rows: [{ k: "a", v: 1 }] });
  await take(0, 1);
  await take(1, 2);
  expect(lookups.calls).toHaveLength(1);
});

test("an event whose row does not fit fails, and says which code folded it", async () => {
  const { env, take } = looking("ab", {
    rows: [
      { k: "a", v: "dear" },
      { k: "b", v: 2 },
    ],
  });
  expect(await take(0, 2)).toEqual([2]);
  expect(env.failed).toMatchObject([{ id: "e0", codeVersion: "code-1", error: { code: "LOOKUP_ROW" } }]);
});
