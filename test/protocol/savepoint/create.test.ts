import { describe, expect, test } from "vitest";
import { decodeEntry } from "../../../shared/protocol/entry.ts";
import { createSavepoint } from "../../../shared/protocol/savepoint/create.ts";
import { endEpoch } from "../../../shared/protocol/savepoint/end-epoch.ts";
import { readSavepoint, type Savepoint, savepointIds } from "../../../shared/protocol/savepoint/manifest.ts";
import { restoreSavepoint } from "../../../shared/protocol/savepoint/restore.ts";
import { decodeLog, type SavedLog } from "../../../shared/protocol/savepoint/saved-log.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { BEGINNING_OF_TIME, epochMs } from "../../../shared/time/time.ts";
import { settableClock } from "../conformance/settable-clock.ts";
import { type InMemory, inMemory, logOf } from "../in-memory.ts";
import { at, begun, delivered, event, plan, planned, run, stageOf, take } from "./visits.ts";

describe("a savepoint", () => {
  test("says of each partition how far it is, and keeps what is on its way", async () => {
    const savepoint = await take(await begun());
    expect(savepoint).toMatchObject({
      format: 1,
      id: "one",
      application: "app",
      epoch: 0,
      streams: { visits: "visits-stream" },
      stages: [
        { plan: { id: "p.visits" }, partitions: [{ v: 3, inFlight: { frames: 1, rows: 1 } }] },
        { plan: { id: "p.pages" }, partitions: [{ v: 1, inFlight: { frames: 0, rows: 0 } }] },
      ],
    });
  });

  test("is there once its manifest is, and reads back as it was taken", async () => {
    const env = await begun();
    const put = env.blobs.put;
    const keys: string[] = [];
    const blobs = {
      ...env.blobs,
      put: (key: string, bytes: Uint8Array) => {
        keys.push(key);
        return put(key, bytes);
      },
    };
    const savepoint = await createSavepoint({ planned, env, id: "one", streams: {}, blobs });
    expect(keys.at(-1)).toBe("savepoints/app/one/manifest.json");
    expect(await readSavepoint(env.blobs, "app", "one")).toEqual(savepoint);
    await env.blobs.remove(["savepoints/app/one/manifest.json"]);
    expect(await savepointIds(env.blobs, "app")).toEqual([]);
    await expect(readSavepoint(env.blobs, "app", "one")).rejects.toMatchObject({ code: "SAVEPOINT_UNKNOWN" });
  });

  test("needs nothing of the deployment that it was taken from", async () => {
    const env = { ...(await begun()), snapshotEntries: 1 };
    await run(env, "p.pages", delivered(env));
    await run(env, "p.visits", [event(4)]);
    const savepoint = await take(env);
    expect(savepoint.stages[0]?.partitions[0]).toMatchObject({ snapshot: { v: 4 } });
    await env.blobs.remove((await env.blobs.list("")).filter((key) => !key.startsWith("savepoints/")));
    const other = at(inMemory(), 1);
    await restoreSavepoint({ savepoint, from: env.blobs, planned, env: other, sameStream: () => false });
    await run(other, "p.visits", [event(1)]);
    await run(other, "p.pages", delivered(other));
    expect(logOf(other, { stage: "p.pages", partition: 0, epoch: 1 }).at(-1)?.counts).toMatchObject({
      input: 5,
    });
  });

  test("is refused where rows on their way are in no entry any more", async () => {
    const env = await begun();
    await run({ ...env, snapshotEntries: 1 }, "p.visits", [event(4)]);
    expect(logOf(env, { stage: "p.visits", partition: 0 }).map(({ v }) => v)).toEqual([4]);
    await expect(take(env)).rejects.toMatchObject({ code: "SAVEPOINT_FRAMES_GONE" });
    expect(await savepointIds(env.blobs, "app")).toEqual([]);
  });

  test("is refused where a receiver has taken what its sender did not send", async () => {
    const env = await begun();
    env.items.set("p.visits/0", logOf(env, { stage: "p.visits", partition: 0 }).slice(0, 1));
    await expect(take(env)).rejects.toMatchObject({ code: "SAVEPOINT_TORN" });
  });

  test("owes nothing to a view: what the last entry gave arrives, though its writer is gone", async () => {
    const env = await begun();
    const write: typeof env.views.write = ([first]) =>
      first?.version.v === 2 ? Promise.reject(new Error("gone")) : Promise.resolve();
    const gone = { ...env, views: { write } };
    const stage = stageOf(planned, "p.pages");
    expect((await new StageLoop(stage, gone).run(delivered(env))).causes).toHaveLength(1);
    expect(env.rows.map(({ version }) => version.v)).toEqual([1]);
    await take(env);
    expect(env.rows.at(-1)).toMatchObject({ row: { visits: 3 }, version: { epoch: 0, v: 2 } });
  });

  test("can be taken of an epoch that was ended", async () => {
    const env = await begun();
    const before = await take(env);
    await endEpoch(env, [...planned.stages.values()], 0);
    const after = await take(env, "two");
    const told = ({ stages }: Savepoint): unknown =>
      stages.map(({ partitions }) => partitions.map(({ log: _, ...rest }) => rest));
    expect(told(after)).toEqual(told(before));
  });
});

/** What a savepoint keeps of a partition's log. */
async function savedLogOf(env: InMemory, { log }: { readonly log: string }): Promise<SavedLog> {
  return decodeLog((await env.blobs.get(log)) ?? new Uint8Array(), env.compression);
}

describe("the manifest of a savepoint", () => {
  test("says when and by which build it was taken, and has a key for each part", async () => {
    const env = inMemory({ snapshotEntries: 2, clock: settableClock(7_000) });
    await run(env, "p.visits", [event(1)]);
    await run(env, "p.visits", [event(2)]);
    await run(env, "p.pages", delivered(env));
    const savepoint = await take(env);
    const folder = "savepoints/app/one";
    const snapshot = env.objects.get(`${folder}/p.visits/0/snapshot`);
    expect(savepoint).toMatchObject({ createdAt: epochMs(7_000), codeVersion: "code-1" });
    expect(savepoint.stages.map(({ partitions }) => partitions)).toStrictEqual([
      [
        {
          v: 2,
          fingerprint: stageOf(planned, "p.visits").fingerprint,
          watermark: epochMs(2),
          positions: [["shard-1", "2"]],
          counts: logOf(env, { stage: "p.visits", partition: 0 }).at(-1)?.counts,
          snapshot: { v: 2, key: `${folder}/p.visits/0/snapshot`, bytes: snapshot?.length },
          log: `${folder}/p.visits/0/log`,
          inFlight: { frames: 0, rows: 0 },
        },
      ],
      [
        {
          v: 1,
          fingerprint: stageOf(planned, "p.pages").fingerprint,
          watermark: epochMs(2),
          positions: [["p.visits/0", 2]],
          counts: logOf(env, { stage: "p.pages", partition: 0 }).at(-1)?.counts,
          log: `${folder}/p.pages/0/log`,
          inFlight: { frames: 0, rows: 0 },
        },
      ],
    ]);
    expect([...env.objects.keys()].filter((key) => key.startsWith(folder)).sort()).toEqual([
      `${folder}/manifest.json`,
      `${folder}/p.pages/0/log`,
      `${folder}/p.visits/0/log`,
      `${folder}/p.visits/0/snapshot`,
    ]);
  });

  test("says of a partition where nothing was committed just that", async () => {
    const savepoint = await take(inMemory());
    expect(savepoint.stages.map(({ partitions }) => partitions)).toStrictEqual(
      ["p.visits", "p.pages"].map((stage) => [
        {
          v: 0,
          watermark: BEGINNING_OF_TIME,
          positions: [],
          counts: {},
          log: `savepoints/app/one/${stage}/0/log`,
          inFlight: { frames: 0, rows: 0 },
        },
      ]),
    );
  });

  test("counts frames and rows on their way", async () => {
    const env = inMemory();
    await run(env, "p.visits", [event(1), event(2)]);
    await run(env, "p.visits", [event(3, "/new")]);
    const { stages } = await take(env);
    const { length } = logOf(env, { stage: "p.visits", partition: 0 }).flatMap(({ body }) =>
      decodeEntry(body, env.compression).frames.flatMap(([, , , , rows]) => rows),
    );
    expect(length).toBeGreaterThan(1);
    expect(stages[0]?.partitions[0]?.inFlight).toEqual({ frames: 2, rows: length });
  });
});

describe("the log that a savepoint keeps", () => {
  test("has the entries without what they gave, and one that closes it and gives what is on its way", async () => {
    const env = await begun();
    const { stages } = await take(env);
    const standing = logOf(env, { stage: "p.visits", partition: 0 });
    const [visits, pages] = stages.map(({ partitions }) => partitions[0] ?? { log: "" });
    const { items, closing } = await savedLogOf(env, visits ?? { log: "" });
    expect(items.map(({ v, outputs }) => [v, outputs])).toEqual([
      [1, false],
      [2, false],
      [3, false],
    ]);
    const { body, ...last } = standing[2] ?? { body: new Uint8Array() };
    expect(closing).toEqual({
      ...last,
      v: 4,
      nonce: "savepoint-one",
      published: 3,
      outputs: true,
      body: closing.body,
    });
    const gives = decodeEntry(closing.body, env.compression);
    expect(gives).toEqual({
      ...decodeEntry(body, env.compression),
      changes: [],
      frames: [expect.arrayContaining(["p.pages", 0, 3])],
    });
    expect((await savedLogOf(env, pages ?? { log: "" })).closing).toMatchObject({ v: 2, outputs: false });
  });

  test("closes as a log begins, where nothing was committed", async () => {
    const env = inMemory();
    const { stages } = await take(env);
    const { items, closing } = await savedLogOf(env, stages[0]?.partitions[0] ?? { log: "" });
    expect(items).toEqual([]);
    const { body: _, ...rest } = closing;
    expect(rest).toEqual({
      v: 1,
      nonce: "savepoint-one",
      published: 0,
      outputs: false,
      watermark: BEGINNING_OF_TIME,
      nextTimer: undefined,
      nextProcessingTimer: undefined,
      owes: false,
      codeVersion: "code-1",
      fingerprint: "",
      counts: {},
    });
  });

  test("closes with the timers, debts and counts of the last entry, also where the epoch has ended", async () => {
    const env = await begun();
    const [head] = logOf(env, { stage: "p.pages", partition: 0 });
    const timers = { owes: true, nextProcessingTimer: epochMs(9_000) };
    if (head === undefined) throw new RangeError("p.pages");
    env.items.set("p.pages/0", [{ ...head, ...timers }]);
    await endEpoch(env, [...planned.stages.values()], 0);
    const { stages } = await take(env);
    const { closing } = await savedLogOf(env, stages[1]?.partitions[0] ?? { log: "" });
    const { nextTimer, watermark, counts, fingerprint } = head;
    expect(nextTimer).toBe(epochMs(60_000));
    expect(closing).toMatchObject({ v: 2, ...timers, nextTimer, watermark, counts, fingerprint });
  });
});

test("a savepoint is tried again where a part of a snapshot was deleted meanwhile", async () => {
  const env = inMemory({ snapshotEntries: 1 });
  await run(env, "p.visits", [event(1)]);
  await run(env, "p.pages", delivered(env));
  const { key } = (await env.log.snapshot({ stage: "p.visits", partition: 0, epoch: 0 })) ?? { key: "" };
  await env.blobs.remove([key]);
  await expect(take(env)).rejects.toMatchObject({
    code: "SNAPSHOT_UNKNOWN",
    next: "retried",
    message: `stage "p.visits", partition 0: a part of snapshot "${key}" is missing`,
  });
  expect(await savepointIds(env.blobs, "app")).toEqual([]);
});

test("what the last entry gave arrives also where the epoch was ended behind it", async () => {
  const env = await begun();
  await endEpoch(env, [...planned.stages.values()], 0);
  env.rows.length = 0;
  await take(env);
  expect(env.rows).toMatchObject([{ view: "pages", key: "/", version: { epoch: 0, v: 1 } }]);
});

test("each partition of a stage is part of a savepoint, with what is on its way between any two", async () => {
  const env = inMemory();
  const two = plan({ partitions: 2 });
  await run(env, "p.visits", [event(1, "/a", 0), event(2, "/b", 1), event(3, "/c", 1)], two);
  const { stages } = await take(env, "one", two);
  expect(stages.map(({ partitions }) => partitions.map(({ v }) => v))).toEqual([
    [1, 1],
    [0, 0],
  ]);
  const kept = stages[0]?.partitions.map(({ inFlight }) => inFlight.frames) ?? [];
  expect(kept.reduce((n, frames) => n + frames, 0)).toBe(env.published.length);
});
