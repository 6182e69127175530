import { fc, test as propTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { ViewRow } from "../../../shared/operators/outputs.ts";
import type { StagePlan } from "../../../shared/plan/plan.ts";
import { type Entry, encodeEntry, quietEntry } from "../../../shared/protocol/entry.ts";
import type { LogItem } from "../../../shared/protocol/ports.ts";
import type { Savepoint } from "../../../shared/protocol/savepoint/manifest.ts";
import { rolledBackViews } from "../../../shared/protocol/savepoint/roll-back-views.ts";
import { epochMs } from "../../../shared/time/time.ts";
import { type InMemory, inMemory } from "../in-memory.ts";
import { none } from "../records.ts";
import { planned } from "./visits.ts";

type Views = Entry["views"];

const stages = planned.plan.pipelines.flatMap((one) => one.stages);
const [source, pages] = stages as [StagePlan, StagePlan];

const itemOf = (v: number, views: Views): LogItem => ({
  v,
  nonce: `n${v}`,
  published: v - 1,
  outputs: views.length > 0,
  watermark: epochMs(0),
  nextTimer: undefined,
  owes: false,
  codeVersion: "code-1",
  fingerprint: pages.fingerprint,
  counts: {},
  body: encodeEntry({ ...quietEntry(), views }, none),
});

/** Logs in which the entries from `first` on gave these rows of views. */
async function logged(logs: readonly (readonly Views[])[], first = 1): Promise<InMemory> {
  const env = inMemory({ compression: none });
  for (const [epoch, entries] of logs.entries())
    env.items.set(
      epoch === 0 ? `${pages.id}/0` : `${pages.id}/0/${epoch}`,
      entries.map((views, i) => itemOf(first + i, views)),
    );
  return env;
}

/** A savepoint behind so many entries. */
const savepointAt = (v: number, epoch = 0): Savepoint => ({
  format: 1,
  id: "one",
  application: "app",
  epoch,
  createdAt: epochMs(0),
  codeVersion: "code-1",
  streams: {},
  stages: [
    {
      plan: pages,
      partitions: [
        {
          v,
          watermark: epochMs(0),
          positions: [],
          counts: {},
          log: "log",
          inFlight: { frames: 0, rows: 0 },
        },
      ],
    },
  ],
});

const row = (key: string, value: number | undefined, view = "pages"): Views => [[view, [[key, 0, value]]]];

/** What a view's table holds once these rows were written: the last one of each place, unless it is a tombstone. */
function tableOf(writes: readonly Views[]): Map<string, unknown> {
  const table = new Map<string, unknown>();
  for (const views of writes)
    for (const [view, rows] of views)
      for (const [key, sort, value] of rows) {
        const place = JSON.stringify([view, key, sort]);
        if (value === undefined) table.delete(place);
        else table.set(place, value);
      }
  return table;
}

const places = (views: Views): string[] =>
  views.flatMap(([view, rows]) => rows.map(([key, sort]: ViewRow) => JSON.stringify([view, key, sort])));

const anyRow = fc.tuple(
  fc.constantFrom("a", 1, "1", "b"),
  fc.constantFrom(0, 1),
  fc.option(fc.nat(9), { nil: undefined }),
);
const anyViews = fc
  .tuple(fc.array(anyRow, { maxLength: 3 }), fc.array(anyRow, { maxLength: 1 }))
  .map(
    ([some, others]): Views => [
      ...(some.length > 0 ? [["pages", some] as const] : []),
      ...(others.length > 0 ? [["others", others] as const] : []),
    ],
  );
const anyEntries = fc.array(anyViews, { maxLength: 8 });

describe("views that are taken back", () => {
  propTest.prop([anyEntries, fc.nat(8), fc.nat(8), anyEntries])(
    "have exactly the rows of the savepoint, though another one was restored before, older or newer",
    async (entries, cut, other, later) => {
      const [at, before] = [cut, other].map((v) => Math.min(v, entries.length)) as [number, number];
      const env = await logged([entries]);
      const opening = await rolledBackViews(env, savepointAt(before), pages, 0, 1);
      env.items.set(
        `${pages.id}/0/1`,
        [opening.views, ...later].map((views, i) => itemOf(before + 1 + i, views)),
      );
      const back = await rolledBackViews(env, savepointAt(at), pages, 0, 2);
      expect(back.unknown).toBe(0);
      const count = tableOf(entries.slice(0, at));
      expect(tableOf([...entries, opening.views, ...later, back.views])).toEqual(count);
      const changed = [...entries.slice(at), opening.views, ...later].flatMap(places);
      expect(places(back.views).sort()).toEqual([...new Set(changed)].sort());
    },
  );

  propTest.prop([
    fc.array(anyViews, { minLength: 1, maxLength: 8 }),
    fc.nat(8),
    fc.integer({ min: 2, max: 9 }),
  ])(
    "stay as they are where the log is too young to say what they were, and are counted",
    async (entries, before, first) => {
      const behind = Math.min(before, entries.length);
      const env = await logged([entries], first);
      const back = await rolledBackViews(env, savepointAt(first - 1 + behind), pages, 0, 1);
      const changed = new Set(entries.slice(behind).flatMap(places));
      const known = new Set(entries.slice(0, behind).flatMap(places));
      const told = [...changed].filter((place) => known.has(place));
      expect(places(back.views).sort()).toEqual(told.sort());
      expect(back.unknown).toBe(changed.size - told.length);
      const shown = tableOf([...entries, back.views]);
      const then = tableOf(entries.slice(0, behind));
      for (const place of told) expect(shown.get(place)).toEqual(then.get(place));
    },
  );

  test("stay as they are where a savepoint of a later epoch does not have them: its log does not say what was before", async () => {
    const env = await logged([[], [row("a", 1), row("b", 1), row("a", 2)]]);
    expect(await rolledBackViews(env, savepointAt(1, 1), pages, 0, 2)).toEqual({
      views: row("a", 1),
      unknown: 1,
    });
  });

  test("cannot be known of where only entries that are gone have written them", async () => {
    const env = await logged([[row("c", 5)]], 5);
    const back = await rolledBackViews(env, savepointAt(1), pages, 0, 1);
    expect(back).toEqual({ views: [], unknown: 1, gone: 3 });
    expect(await rolledBackViews(env, savepointAt(5), pages, 0, 1)).toEqual({ views: [], unknown: 0 });
  });

  test("are looked for behind any number of entries that are gone, which are counted", async () => {
    const env = await logged([[row("a", 2), row("b", 2)]], 1_203);
    await env.log.recordSnapshot({ stage: pages.id, partition: 0, epoch: 0 }, { v: 1_202, key: "snapshot" });
    const back = await rolledBackViews(env, savepointAt(2), pages, 0, 1);
    expect(back).toEqual({ views: [], unknown: 2, gone: 1_200 });
  });

  test("are those of the partition's own entries, up to the epoch that begins", async () => {
    const env = await logged([[row("a", 1)], [row("a", 2)], [row("a", 3), row("b", 3)]]);
    expect(await rolledBackViews(env, savepointAt(1), pages, 0, 2)).toEqual({
      views: row("a", 1),
      unknown: 0,
    });
    expect(await rolledBackViews(env, savepointAt(1), pages, 1, 2)).toEqual({ views: [], unknown: 0 });
  });

  test("go where the stage had not begun, or was not there", async () => {
    const env = await logged([[row("a", 1)]]);
    const gone = { views: row("a", undefined), unknown: 0 };
    expect(await rolledBackViews(env, savepointAt(0), pages, 0, 1)).toEqual(gone);
    expect(await rolledBackViews(env, { ...savepointAt(0), stages: [] }, pages, 0, 1)).toEqual(gone);
  });

  test("are worked out of 500 entries at a time, those before the savepoint backwards and no further than needed", async () => {
    const quiet = Array.from({ length: 599 }, (): Views => []);
    const entries = [row("a", 1), ...quiet, row("b", 1), ...quiet, row("b", 2), row("a", 2)];
    const env = await logged([entries]);
    const reads: (readonly [number, number | undefined])[] = [];
    const log: InMemory["log"] = {
      ...env.log,
      readAfter: (of, v, upTo) => {
        reads.push([v, upTo]);
        return env.log.readAfter(of, v, upTo);
      },
    };
    const back = (cut: number) => rolledBackViews({ ...env, log }, savepointAt(cut), pages, 0, 1);
    expect(tableOf([(await back(600)).views])).toEqual(tableOf([row("a", 1)]));
    expect(reads.splice(0)).toEqual([
      [600, 1_100],
      [1_100, 1_600],
      [100, 600],
      [0, 100],
    ]);
    // a row that is found is not looked for any more
    expect(await back(1_201)).toEqual({ views: row("a", 1), unknown: 0 });
    expect(reads.splice(0)).toEqual([
      [1_201, 1_701],
      [701, 1_201],
      [201, 701],
      [0, 201],
    ]);
    env.items.set(
      `${pages.id}/0`,
      [...entries, row("a", 3)].map((views, i) => itemOf(i + 1, views)),
    );
    expect(await back(1_202)).toEqual({ views: row("a", 2), unknown: 0 });
    expect(reads.splice(0)).toEqual([
      [1_202, 1_702],
      [702, 1_202],
    ]);
    expect(await back(1_203)).toEqual({ views: [], unknown: 0 });
    expect(reads.splice(0)).toEqual([[1_203, 1_703]]);
    // nor is it looked for where the log does not go back so far
    await env.log.truncate({ stage: pages.id, partition: 0, epoch: 0 }, 1_200, epochMs(0));
    expect(await back(1_201)).toEqual({ views: [], unknown: 1 });
    expect(reads).toEqual([
      [1_201, 1_701],
      [701, 1_201],
    ]);
  });

  test("are none of a stage that writes no view: its log is not read", async () => {
    const log = { ...inMemory().log, readAfter: () => Promise.reject(new Error("read")) };
    const env = inMemory({ log });
    expect(await rolledBackViews(env, savepointAt(0), source, 0, 1)).toEqual({ views: [], unknown: 0 });
  });
});
