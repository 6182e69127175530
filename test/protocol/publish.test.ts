import { expect, test } from "vitest";
import { decodeEntry, type Entry, encodeEntry, quietEntry } from "../../shared/protocol/entry.ts";
import { entryIn, publishEntry } from "../../shared/protocol/publish.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { epochMs } from "../../shared/time/time.ts";
import { goldenEntries } from "./golden-state.ts";
import { inMemory } from "./in-memory.ts";
import { none } from "./records.ts";

const id = { stage: "p.w", partition: 3, epoch: 1 };
const nothing: Entry = {
  ...(goldenEntries["empty.mre1"] as Entry),
  frames: [],
  views: [],
  lake: [],
  failed: [],
};
const failed = {
  payload: 1,
  error: { code: "OPERATOR_FAILED", name: "Error", message: "no" },
  pipeline: "p",
  stage: "p.w",
  operator: "w",
  position: "shard-0:1#0",
  id: "e1",
  time: epochMs(0),
  codeVersion: "code-1",
};

test("what an entry gives is named by its stage, partition, epoch and version, so that names sort as versions do", async () => {
  const env = inMemory();
  const entry: Entry = {
    ...nothing,
    views: [["v", [["a", 1, { n: 1 }]]]],
    lake: [["all", { day: "1" }, [{ n: 1 }]]],
    failed: [failed, failed],
  };
  await publishEntry(env, id, 12, entry, new Map());
  expect(env.rows).toEqual([{ view: "v", key: "a", sort: 1, row: { n: 1 }, version: { epoch: 1, v: 12 } }]);
  expect(env.files).toEqual([
    { sink: "all", name: "p.w-0003-1-000000000012", partition: { day: "1" }, rows: [{ n: 1 }] },
  ]);
  expect(env.failed.map(({ failedId }) => failedId)).toEqual([
    "p.w-0003-1-000000000012-000000",
    "p.w-0003-1-000000000012-000001",
  ]);
});

test("a view is given the text of each row that its entry holds, and none where the entry was only read", async () => {
  const env = inMemory();
  const views: Entry["views"] = [
    [
      "v",
      [
        ["a", 1, { n: 1 }],
        ["b", 1, undefined],
        ["c", 1, { n: 7n }],
      ],
    ],
    ["w", [["a", 1, { m: 1 }]]],
  ];
  const bytes = encodeEntry({ ...quietEntry(), views }, none);
  await publishEntry(env, id, 12, { ...quietEntry(), views }, new Map());
  const { length } = env.rows;
  expect(env.rows.map(({ text }) => text)).toEqual(env.rows.map(({ row }) => encodeValue(row)));
  await publishEntry(env, id, 12, decodeEntry(bytes, none), new Map());
  expect(env.rows.slice(length)).toEqual(env.rows.slice(0, length).map(({ text: _, ...write }) => write));
});

test("the entry is found in a name that begins with it, whatever follows, and in no other name", async () => {
  const env = inMemory();
  const of = { stage: "shop-7.p-0001-2.w", partition: 12_345, epoch: 21 };
  await publishEntry(env, of, 1_234, { ...nothing, lake: [["all", {}, []]], failed: [failed] }, new Map());
  const entry = { id: of, v: 1_234 };
  const [file] = env.files;
  expect(entryIn(file?.name ?? "")).toEqual(entry);
  for (const rest of [".parquet", "-000001", ".a-b.c"])
    expect(entryIn(`${file?.name}${rest}`)).toEqual(entry);
  expect(entryIn(env.failed[0]?.failedId ?? "")).toEqual(entry);
  for (const name of [
    "README",
    "p.w-0003-1",
    "p.w-3-1-000000000012",
    `${file?.name}7x`,
    "-0003-1-000000000012",
  ])
    expect(entryIn(name)).toBeUndefined();
});

test("a receiver for whom there is nothing is not called", async () => {
  const called: string[] = [];
  const port = (name: string) => ({
    write: async (): Promise<void> => void called.push(name),
  });
  const env = inMemory({ views: port("views"), lake: port("lake"), failedEvents: port("failed") });
  await publishEntry(env, id, 1, nothing, new Map());
  expect(called).toEqual([]);
  await publishEntry(env, id, 1, { ...nothing, failed: [failed] }, new Map());
  expect(called).toEqual(["failed"]);
});
