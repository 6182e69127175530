import { describe, expect, test } from "vitest";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { application, collect, milliseconds, pipeline, tumbling, view } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { snapshotIfDue } from "../../shared/protocol/snapshot-policy.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { takeSnapshot } from "../../shared/protocol/take-snapshot.ts";
import { days, epochMs } from "../../shared/time/time.ts";
import { readingsOf } from "../operators/one-stage.ts";
import { settableClock } from "./conformance/settable-clock.ts";
import { type InMemory, inMemory } from "./in-memory.ts";
import { stage as byIds, commit, filled, id, name, opened, reading } from "./replicas.ts";

const plain = {
  compress: (bytes: Uint8Array): Uint8Array => bytes,
  decompress: (bytes: Uint8Array): Uint8Array => bytes,
};

/** A window that keeps what its events say, for as long as there are any. */
const stage = ((): Stage => {
  const readings = readingsOf();
  const built = pipeline("p", (p) =>
    p
      .from(readings)
      .keyBy((one) => one.k)
      .window(tumbling(days(9)), { id: "w" })
      .aggregate({ all: collect(1_000_000, "id") })
      .to(view("v", { key: (row) => row.key })),
  );
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  return stages.get("p.w") as Stage;
})();

let counter = 0;
const record = (text: string, key: string): InRecord => {
  counter += 1;
  return {
    shard: "shard-0",
    sequence: String(counter),
    partitionKey: "0",
    arrivedAt: epochMs(0),
    data: encodeFrame(
      {
        kind: "rows",
        stage: "p.readings",
        from: 0,
        to: 0,
        counter,
        watermark: epochMs(-100),
        sentAt: epochMs(counter),
        rows: [[0, key, epochMs(5), { id: text }]],
      },
      plain,
    ),
  };
};

/** The version of the newest snapshot after each commit, where it changes. */
async function snapshotsOf(env: InMemory, commits: number, text = "x"): Promise<number[]> {
  const loop = new StageLoop(stage, env);
  const seen = new Set<number>();
  counter = 0;
  for (let n = 1; n <= commits; n += 1) {
    await loop.run([record(text, `key-${n}`)]);
    const v = env.refs.get("p.w/0")?.v;
    if (v !== undefined) seen.add(v);
  }
  return [...seen];
}

describe("a snapshot is taken", () => {
  test("after 100 entries, while the state is small", async () => {
    expect(await snapshotsOf(inMemory({ compression: plain }), 200)).toEqual([100, 200]);
  });

  test("after so many entries as an environment says", async () => {
    expect(await snapshotsOf(inMemory({ compression: plain, snapshotEntries: 3 }), 7)).toEqual([3, 6]);
  });

  test("once entries hold 4 MB, and again once they hold as much as the last one", async () => {
    const text = "x".repeat(700_000);
    // six entries hold 4.2 MB; the snapshot of six has that size, and the next six are larger than 4 MB again
    expect(await snapshotsOf(inMemory({ compression: plain }), 12, text)).toEqual([6, 12]);
  });

  test("not as long as reading the entries costs less than a quarter of reading it", async () => {
    const env = inMemory({ compression: plain, snapshotEntries: 110 });
    const loop = new StageLoop(stage, env);
    counter = 0;
    for (let n = 1; n <= 6; n += 1) await loop.run([record("x".repeat(700_000), "large")]);
    const first = env.refs.get("p.w/0")?.v;
    for (let n = 1; n <= 105; n += 1) await loop.run([record("x", `key-${n}`)]);
    expect([first, env.refs.get("p.w/0")?.v]).toEqual([first, first]);
    for (let n = 106; n <= 110; n += 1) await loop.run([record("x", `key-${n}`)]);
    expect(env.refs.get("p.w/0")?.v).toBe((first ?? 0) + 110);
  });
});

test("entries that a snapshot stands for are asked to go when they are a day old", async () => {
  const clock = settableClock();
  const asked: unknown[] = [];
  const env = inMemory({ compression: plain, snapshotEntries: 2, clock });
  const { log } = env;
  const loop = new StageLoop(stage, {
    ...env,
    log: {
      ...log,
      truncate: async (_, v, before) => {
        asked.push([v, clock.now() - before]);
      },
    },
  });
  counter = 0;
  for (let n = 1; n <= 4; n += 1) await loop.run([record("x", "a")]);
  expect(asked).toEqual([
    [2, milliseconds(86_400_000)],
    [4, milliseconds(86_400_000)],
  ]);
});

describe("whether a snapshot is due", () => {
  const MB = 1024 * 1024;
  /** Whether one is taken after so many entries of so many bytes, on top of a snapshot of such a size. */
  async function taken(
    since: { entries: number; bytes: number },
    snapshotBytes: number,
    said: { crowded?: boolean; snapshotEntries?: number } = {},
  ): Promise<boolean> {
    const env = await filled([reading(0, "a")]);
    const replica = await opened(env);
    replica.sinceSnapshot = since;
    replica.snapshotBytes = snapshotBytes;
    replica.crowded = said.crowded ?? false;
    const { snapshotEntries } = said;
    await snapshotIfDue(byIds, id, { ...env, ...(snapshotEntries && { snapshotEntries }) }, replica);
    return env.refs.has(name);
  }

  test.each([
    ["a thousand entries are behind the last", { entries: 1_000, bytes: 0 }, 9 * MB, true],
    ["fewer are", { entries: 999, bytes: 0 }, 9 * MB, false],
    ["they hold 4 MB", { entries: 1, bytes: 4 * MB }, 0, true],
    ["they hold less", { entries: 1, bytes: 4 * MB - 1 }, 0, false],
    ["they hold as much as a larger last one", { entries: 1, bytes: 5 * MB }, 5 * MB, true],
    ["they hold less than it", { entries: 1, bytes: 5 * MB - 1 }, 5 * MB, false],
    ["a hundred hold a quarter of it", { entries: 100, bytes: 250 }, 1_000, true],
    ["a hundred hold less", { entries: 100, bytes: 249 }, 1_000, false],
    ["fewer hold a quarter of it", { entries: 99, bytes: 250 }, 1_000, false],
  ])("where %s", async (_, since, snapshotBytes, is) => {
    expect(await taken(since, snapshotBytes)).toBe(is);
  });

  test("or more state is in memory than there should be, or an environment wants it sooner", async () => {
    const few = { entries: 1, bytes: 1 };
    expect(await taken(few, 1_000, { crowded: true })).toBe(true);
    expect(await taken(few, 1_000, { snapshotEntries: 2 })).toBe(false);
    expect(await taken(few, 1_000, { snapshotEntries: 1 })).toBe(true);
  });
});

describe("a replica that is due, where somebody else has taken a newer snapshot,", () => {
  /** Six entries, a snapshot of the third by another, and a replica that does not know of it. */
  async function overtaken() {
    const env = await filled([..."abcdef"].map((one, n) => reading(n, one)));
    const replica = await opened(env);
    const { log } = env;
    const other = await opened({
      ...env,
      log: {
        ...log,
        readAfter: async (...[of, v]) => (await log.readAfter(of, v)).filter((one) => one.v <= 3),
      },
    });
    expect(await takeSnapshot(byIds, id, env, other, [])).toBe(true);
    return { env, replica, newest: env.refs.get(name) };
  }

  test("counts from there, and goes on where that is not long ago", async () => {
    const { env, replica, newest } = await overtaken();
    await snapshotIfDue(byIds, id, { ...env, snapshotEntries: 4 }, replica);
    expect(env.refs.get(name)).toBe(newest);
    expect(replica.sinceSnapshot.entries).toBe(3);
    await replica.refresh();
    expect(replica.snapshotKey).toBeUndefined();
  });

  test("begins anew from it where it is long ago: what its own refers to may be deleted", async () => {
    const { env, replica, newest } = await overtaken();
    await snapshotIfDue(byIds, id, { ...env, snapshotEntries: 3 }, replica);
    expect(env.refs.get(name)).toBe(newest);
    await replica.refresh();
    expect(replica.snapshotKey).toBe(newest?.key);
  });

  test("or where too much is in memory", async () => {
    const { env, replica, newest } = await overtaken();
    replica.crowded = true;
    await snapshotIfDue(byIds, id, env, replica);
    expect(env.refs.get(name)).toBe(newest);
    await replica.refresh();
    expect(replica.snapshotKey).toBe(newest?.key);
  });
});

describe("a replica that took a snapshot", () => {
  test("forgets what there is too much of in memory", async () => {
    const env = await filled(
      [..."abcdef"].map((one, n) => reading(n, one)),
      { state: { pageChars: 1, residentChars: 1 } },
    );
    const replica = await opened(env);
    replica.crowded = true;
    const of = replica.fold.size;
    await snapshotIfDue(byIds, id, env, replica);
    expect(replica.fold.size).toBeLessThan(of);
    expect(replica.crowded).toBe(false);
  });

  test("hands on what is out of use, and deletes it a day later", async () => {
    const clock = settableClock();
    const env = await filled([reading(0, "a")], { clock, snapshotEntries: 1 });
    const lost = "snapshots/p.readings/0/0/000000000001-lost";
    env.objects.set(lost, new Uint8Array(1));
    await commit(env, [reading(0, "a"), reading(1, "b")]);
    const since = clock.now();
    expect(env.refs.get(name)?.unused).toEqual([[lost, since]]);
    clock.set(since + days(1));
    await commit(env, [reading(0, "a"), reading(1, "b"), reading(2, "c")]);
    expect(env.refs.get(name)?.unused?.map(([key]) => key)).not.toContain(lost);
    expect(env.objects.has(lost)).toBe(false);
  });

  test("and could not, since an object of the last one is gone, begins anew", async () => {
    const env = await filled(
      [..."abc"].map((one, n) => reading(n, one)),
      { snapshotEntries: 3 },
    );
    const replica = await opened(env);
    const { key = "" } = env.refs.get(name) ?? {};
    replica.standOn(key, new Map([[key, 9_000_000]]), 1);
    replica.crowded = true;
    const bytes = env.objects.get(key);
    env.objects.delete(key);
    await snapshotIfDue(byIds, id, env, replica);
    expect(env.refs.get(name)?.v).toBe(3);
    if (bytes !== undefined) env.objects.set(key, bytes);
    await replica.refresh();
    expect(replica.objects.get(key)).toBeLessThan(9_000_000);
  });
});
