import { describe, expect, test } from "vitest";
import { application, lake, pipeline, view } from "../../../shared/index.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import {
  type FailedStore,
  findAbandoned,
  isAbandoned,
  removeAbandoned,
} from "../../../shared/protocol/savepoint/abandoned.ts";
import type { Savepoint } from "../../../shared/protocol/savepoint/manifest.ts";
import { inMemory } from "../in-memory.ts";
import { begun, take, type Visit, visits } from "./visits.ts";

/** Entry 3 of p.visits and entry 1 of p.pages are the last that count. */
const ofEpoch = async (epoch: number): Promise<Savepoint> => ({ ...(await take(await begun())), epoch });

describe("what an entry gave", () => {
  test("is abandoned where the entry comes after the savepoint: of its stage and partition", async () => {
    const savepoint = await ofEpoch(0);
    const abandoned = (name: string): boolean => isAbandoned(name, savepoint, 1);
    expect(
      ["p.visits-0000-0-000000000003.parquet", "p.pages-0000-0-000000000001-000000"].map(abandoned),
    ).toEqual([false, false]);
    expect(
      ["p.visits-0000-0-000000000004.parquet", "p.pages-0000-0-000000000002-000000"].map(abandoned),
    ).toEqual([true, true]);
  });

  test("is abandoned in every epoch between the savepoint's and the one that begins, and in no other", async () => {
    const savepoint = await ofEpoch(1);
    expect(
      [0, 1, 2, 3, 4].map((epoch) => isAbandoned(`p.visits-0000-${epoch}-000000000009`, savepoint, 3)),
    ).toEqual([false, true, true, false, false]);
    expect(isAbandoned("p.visits-0000-2-000000000001", savepoint, 3)).toBe(true);
  });

  test("stays where nobody can say: of a stage that the savepoint does not have, under a name of no entry", async () => {
    const savepoint = await ofEpoch(0);
    expect(isAbandoned("p.later-0000-0-000000000009.parquet", savepoint, 1)).toBe(false);
    expect(isAbandoned("README", savepoint, 1)).toBe(false);
  });
});

/** Failed events by pipeline. */
function failedStore(kept: Map<string, string[]>): FailedStore {
  return {
    ids: async (pipeline) => kept.get(pipeline) ?? [],
    remove: async (pipeline, ids) => {
      kept.set(
        pipeline,
        (kept.get(pipeline) ?? []).filter((id) => !ids.includes(id)),
      );
    },
  };
}

test("files of lake tables and failed events from after the savepoint are found and removed, and no others", async () => {
  const source = visits(1);
  // a view may have the name of a lake table
  const shown = view<Visit>("all", { key: (row) => row.who, sort: (row) => row.at });
  const other = planApplication(
    application("app", {
      streams: [source],
      pipelines: [
        pipeline("p", (p) => {
          p.from(source).to(lake("all"));
          p.from(source).to(shown);
        }),
        pipeline("q", (p) => p.from(source).to(lake("others"))),
      ],
    }),
  );
  const savepoint = await ofEpoch(0);
  const { blobs, objects } = inMemory();
  const name = (v: number): string => `p.visits-0000-0-00000000000${v}`;
  const kept = ["lake/all/day=1/", "lake/others/"].map((folder) => `${folder}${name(3)}.parquet`);
  const gone = ["lake/all/day=1/", "lake/others/"].map((folder) => `${folder}${name(4)}.parquet`);
  const elsewhere = [`lake/another/${name(4)}.parquet`, `snapshots/${name(4)}`];
  for (const key of [...kept, ...gone, ...elsewhere]) await blobs.put(key, Uint8Array.of(1));
  const failed = new Map([
    ["p", [`${name(3)}-000000`, `${name(4)}-000000`, `${name(4)}-000001`]],
    ["q", [`${name(2)}-000000`]],
    ["another", [`${name(4)}-000000`]],
  ]);
  const store = failedStore(failed);
  const found = await findAbandoned(blobs, store, other, savepoint, 1);
  expect(found).toEqual({
    files: gone,
    failed: new Map([["p", [`${name(4)}-000000`, `${name(4)}-000001`]]]),
  });
  await removeAbandoned(blobs, store, found);
  expect([...objects.keys()].sort()).toEqual([...kept, ...elsewhere].sort());
  expect(failed).toEqual(
    new Map([
      ["p", [`${name(3)}-000000`]],
      ["q", [`${name(2)}-000000`]],
      ["another", [`${name(4)}-000000`]],
    ]),
  );
});
