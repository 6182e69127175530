import { describe, expect, test } from "vitest";
import { z } from "zod";
import { zstd } from "../../functions/aws/zstd.ts";
import { decodeFrame } from "../../shared/frames/decode.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import {
  type Application,
  application,
  count,
  lake,
  minutes,
  pipeline,
  stream,
  tumbling,
  view,
} from "../../shared/index.ts";
import { type Planned, planApplication } from "../../shared/plan/planner.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { isAbandoned } from "../../shared/protocol/savepoint/abandoned.ts";
import { createSavepoint } from "../../shared/protocol/savepoint/create.ts";
import { endEpoch } from "../../shared/protocol/savepoint/end-epoch.ts";
import { readSavepoint, type Savepoint, savepointIds } from "../../shared/protocol/savepoint/manifest.ts";
import { restoreSavepoint } from "../../shared/protocol/savepoint/restore.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { type InMemory, inMemory, logOf } from "./in-memory.ts";

const visits = stream("visits", {
  schema: z.object({ who: z.string(), page: z.string(), at: z.int() }),
  time: "at",
  key: "who",
  partitions: 1,
});

const appOf = (size: number, more = false, id = "pages"): Application =>
  application("app", {
    streams: [visits],
    pipelines: [
      pipeline("p", (p) => {
        const flow = p.from(visits);
        flow
          .keyBy("page")
          .window(tumbling(minutes(size)), { id, trigger: { early: { events: 1 } } })
          .aggregate({ visits: count() })
          .to(view("pages", { key: (row) => row.key, sort: (row) => row.window.start }));
        if (more) flow.to(lake("all"));
      }),
    ],
  });
const planned = planApplication(appOf(1));

const event = (sequence: number, page = "/"): InRecord => ({
  shard: "shard-1",
  sequence: String(sequence),
  partitionKey: "p0",
  arrivedAt: epochMs(5_000),
  data: encodeFrame(
    {
      kind: "events",
      stream: "visits",
      partition: 0,
      sentAt: epochMs(sequence),
      events: [[`e${sequence}`, epochMs(sequence), { who: "ann", page, at: sequence }]],
    },
    zstd,
  ),
});

async function run(env: InMemory, stage: string, records: readonly InRecord[]): Promise<void> {
  const found = planned.stages.get(stage);
  if (found === undefined) throw new RangeError(stage);
  expect(await new StageLoop(found, env).run(records)).toEqual({ firstFailed: undefined, causes: [] });
}

/** The frames that were published, as a mapping would deliver them. */
const delivered = (env: InMemory): InRecord[] =>
  env.published.map(({ record }, i) => ({ ...event(i + 1), shard: "inner", data: record.data }));

const take = (env: InMemory, id = "one"): Promise<Savepoint> =>
  createSavepoint({ planned, env, id, streams: { visits: "visits-stream" } });

const at = (env: InMemory, epoch: number): InMemory => ({ ...env, epoch });

/** Two events are counted, the frame of a third is on its way. */
async function begun(): Promise<InMemory> {
  const env = inMemory();
  await run(env, "p.visits", [event(1)]);
  await run(env, "p.visits", [event(2)]);
  await run(env, "p.pages", delivered(env));
  await run(env, "p.visits", [event(3)]);
  return env;
}

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
    const stage = planned.stages.get("p.pages");
    if (stage === undefined) throw new RangeError("p.pages");
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

describe("a restore in place", () => {
  test("goes on from the savepoint, sends again what was on its way, and takes rows of views back", async () => {
    const env = await begun();
    const savepoint = await take(env);
    await run(env, "p.pages", delivered(env));
    await run(env, "p.visits", [event(4, "/new")]);
    await run(env, "p.pages", delivered(env));
    await endEpoch(env, [...planned.stages.values()], 0);
    env.published.length = 0;
    env.rows.length = 0;
    const next = at(env, 1);
    expect(await restoreSavepoint({ savepoint, from: env.blobs, planned, env: next })).toEqual({
      epoch: 1,
      partitions: 2,
      frames: 1,
      rows: { back: 2, unknown: 0 },
      dropped: [],
      begun: [],
    });
    expect(env.published.map(({ record }) => decodeFrame(record.data, zstd))).toMatchObject([
      { epoch: 1, counter: 3 },
    ]);
    expect(env.rows).toMatchObject([
      { view: "pages", key: "/", row: { visits: 2 }, version: { epoch: 1, v: 2 } },
      { view: "pages", key: "/new", row: undefined, version: { epoch: 1, v: 2 } },
    ]);
    // the stream is read from its beginning: what the savepoint had is dropped
    await run(
      next,
      "p.visits",
      [1, 2, 3, 4, 5].map((n) => event(n)),
    );
    await run(next, "p.pages", delivered(next));
    expect(env.rows.at(-1)).toMatchObject({ row: { visits: 5 }, version: { epoch: 1 } });
  });

  test("may be done again, before and after the epoch has gone on, and does no harm", async () => {
    const env = await begun();
    const savepoint = await take(env);
    const next = at(env, 1);
    await restoreSavepoint({ savepoint, from: env.blobs, planned, env: next });
    const log = logOf(env, { stage: "p.visits", partition: 0, epoch: 1 });
    await restoreSavepoint({ savepoint, from: env.blobs, planned, env: next });
    expect(logOf(env, { stage: "p.visits", partition: 0, epoch: 1 })).toEqual(log);
    await run(next, "p.visits", [event(4)]);
    await restoreSavepoint({ savepoint, from: env.blobs, planned, env: next });
    expect(logOf(env, { stage: "p.visits", partition: 0, epoch: 1 })).toHaveLength(log.length + 1);
  });

  test("is refused into an epoch that has begun otherwise", async () => {
    const env = await begun();
    const one = await take(env);
    const two = await take(env, "two");
    await restoreSavepoint({ savepoint: one, from: env.blobs, planned, env: at(env, 1) });
    const again = restoreSavepoint({ savepoint: two, from: env.blobs, planned, env: at(env, 1) });
    await expect(again).rejects.toMatchObject({ code: "SAVEPOINT_EPOCH_TAKEN" });
    const running = restoreSavepoint({ savepoint: two, from: env.blobs, planned, env });
    await expect(running).rejects.toMatchObject({ code: "SAVEPOINT_EPOCH_TAKEN" });
  });

  test("does not let anybody in before a log is whole", async () => {
    const env = await begun();
    const savepoint = await take(env);
    const next = at(env, 1);
    const causes: unknown[] = [];
    const stage = planned.stages.get("p.visits");
    const log: typeof env.log = {
      ...env.log,
      append: async (id, item) => {
        if (id.epoch === 1 && id.stage === "p.visits" && stage !== undefined)
          causes.push(...(await new StageLoop(stage, next).run([event(9)])).causes);
        return env.log.append(id, item);
      },
    };
    await restoreSavepoint({ savepoint, from: env.blobs, planned, env: { ...next, log } });
    expect(causes.map((cause) => (cause as { code: string }).code)).toEqual([
      "EPOCH_EMPTY",
      "LOG_GAP",
      "LOG_GAP",
      "LOG_GAP",
    ]);
    await run(next, "p.visits", [event(9)]);
  });
});

describe("a plan that differs from the savepoint's", () => {
  const restored = async (other: Planned, allowDroppedState = false) => {
    const env = await begun();
    const savepoint = await take(env);
    const next = at(env, 1);
    const result = await restoreSavepoint({
      savepoint,
      from: env.blobs,
      planned: other,
      env: next,
      allowDroppedState,
    });
    return { result, env: next };
  };

  test("by a window's size is refused, and the operator is named", async () => {
    await expect(restored(planApplication(appOf(2)))).rejects.toMatchObject({
      code: "SAVEPOINT_MISMATCH",
      message: expect.stringMatching(/stage "p\.pages": operator "pages" was .*1 min.*, is .*2 min/),
    });
  });

  test("by a stage is refused, unless its state may be left behind", async () => {
    const renamed = planApplication(appOf(1, false, "others"));
    await expect(restored(renamed)).rejects.toMatchObject({
      code: "SAVEPOINT_MISMATCH",
      message: expect.stringContaining('stage "p.pages": the plan does not have it'),
    });
    const { result } = await restored(renamed, true);
    expect(result).toMatchObject({ dropped: ["p.pages"], begun: ["p.others"], frames: 0 });
  });

  test("may leave a stage's state behind, which then goes on with its channels", async () => {
    const wider = planApplication(appOf(2));
    const { result, env } = await restored(wider, true);
    expect(result).toMatchObject({ dropped: ["p.pages"], frames: 1 });
    const stage = wider.stages.get("p.pages");
    if (stage === undefined) throw new RangeError("p.pages");
    expect(await new StageLoop(stage, env).run(delivered(env))).toEqual({
      firstFailed: undefined,
      causes: [],
    });
    expect(env.rows.at(-1)).toMatchObject({ row: { visits: 1 }, version: { epoch: 1 } });
  });

  test("by a stage more lets that begin empty", async () => {
    const { result } = await restored(planApplication(appOf(1, true)));
    expect(result).toMatchObject({ begun: ["p.lake-all"], partitions: 3 });
  });
});

test("what an entry after the savepoint gave is abandoned, in its epoch and in those after it", async () => {
  const savepoint = await take(await begun());
  const abandoned = (name: string): boolean => isAbandoned(name, savepoint, 2);
  expect(
    ["p.visits-0000-0-000000000003.parquet", "p.visits-0000-2-000000000009.parquet", "README"].map(abandoned),
  ).toEqual([false, false, false]);
  expect(
    ["p.visits-0000-0-000000000004.parquet", "p.visits-0000-1-000000000002-000001"].map(abandoned),
  ).toEqual([true, true]);
});
