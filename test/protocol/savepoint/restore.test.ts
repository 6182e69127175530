import { describe, expect, test } from "vitest";
import { zstd } from "../../../functions/aws/zstd.ts";
import { decodeFrame } from "../../../shared/frames/decode.ts";
import type { Planned } from "../../../shared/plan/planner.ts";
import { decodeEntry } from "../../../shared/protocol/entry.ts";
import { endEpoch } from "../../../shared/protocol/savepoint/end-epoch.ts";
import type { Savepoint } from "../../../shared/protocol/savepoint/manifest.ts";
import { restoreSavepoint } from "../../../shared/protocol/savepoint/restore.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../../shared/time/time.ts";
import { type InMemory, inMemory, logOf } from "../in-memory.ts";
import {
  at,
  begun,
  delivered,
  event,
  plan,
  planned,
  recordOf,
  restore,
  run,
  stageOf,
  take,
} from "./visits.ts";

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
    expect(await restore(env, savepoint)).toEqual({
      epoch: 1,
      partitions: 2,
      frames: 1,
      rows: { back: 2, unknown: 0, entriesGone: 0 },
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
    await restore(env, savepoint);
    const log = logOf(env, { stage: "p.visits", partition: 0, epoch: 1 });
    await restore(env, savepoint);
    expect(logOf(env, { stage: "p.visits", partition: 0, epoch: 1 })).toEqual(log);
    await run(next, "p.visits", [event(4)]);
    await restore(env, savepoint);
    expect(logOf(env, { stage: "p.visits", partition: 0, epoch: 1 })).toHaveLength(log.length + 1);
  });

  test("is refused into an epoch that has begun otherwise", async () => {
    const env = await begun();
    const one = await take(env);
    const two = await take(env, "two");
    await restore(env, one);
    await expect(restore(env, two)).rejects.toMatchObject({
      code: "SAVEPOINT_EPOCH_TAKEN",
      next: "refused",
      message: 'epoch 1 has begun with something else: stage "p.visits", partition 0 has entries',
    });
    await expect(restore(env, two, 0)).rejects.toMatchObject({
      code: "SAVEPOINT_EPOCH_TAKEN",
      next: "refused",
      message: 'epoch 0 has begun with something else: savepoint "two" is of epoch 0 itself',
    });
  });

  test("is refused into an epoch that has begun with an older savepoint, or a newer one", async () => {
    for (const newerFirst of [true, false]) {
      const env = { ...(await begun()), snapshotEntries: 4 };
      const older = await take(env);
      await run(env, "p.pages", delivered(env));
      await run(env, "p.visits", [event(4)]);
      const newer = await take(env, "newer");
      const [first, second] = newerFirst ? [newer, older] : [older, newer];
      await restore(env, first);
      const log = logOf(env, { stage: "p.visits", partition: 0, epoch: 1 });
      await expect(restore(env, second)).rejects.toMatchObject({ code: "SAVEPOINT_EPOCH_TAKEN" });
      expect(logOf(env, { stage: "p.visits", partition: 0, epoch: 1 })).toEqual(log);
    }
  });

  test("is refused where another one comes first", async () => {
    const env = await begun();
    const savepoint = await take(env);
    const log: typeof env.log = {
      ...env.log,
      append: async (id, item) => {
        // of the last log: nothing is read after it
        if (id.stage === "p.pages") await env.log.append(id, { ...item, nonce: "savepoint-other" });
        return env.log.append(id, item);
      },
    };
    await expect(restore({ ...env, log }, savepoint)).rejects.toMatchObject({
      code: "SAVEPOINT_EPOCH_TAKEN",
      message: 'epoch 1 has begun with something else: stage "p.pages", partition 0 has entries',
    });
  });

  test("is refused where a part of the savepoint is missing", async () => {
    const env = { ...(await begun()), snapshotEntries: 1 };
    await run(env, "p.pages", delivered(env));
    for (const part of ["snapshot", "log"]) {
      const savepoint = await take(env, part);
      const key = `savepoints/app/${part}/p.pages/0/${part}`;
      await env.blobs.remove([key]);
      await expect(restore(env, savepoint, part === "log" ? 1 : 2)).rejects.toMatchObject({
        code: "SAVEPOINT_UNKNOWN",
        next: "refused",
        message: `a part of the savepoint is missing: "${key}"`,
      });
    }
  });

  test("begins partitions that had not begun, so that they take events", async () => {
    const env = inMemory();
    const savepoint = await take(env);
    const next = at(env, 1);
    expect(await restore(env, savepoint)).toMatchObject({ epoch: 1, partitions: 2, frames: 0 });
    const [opening] = logOf(env, { stage: "p.visits", partition: 0, epoch: 1 });
    expect(opening).toMatchObject({
      v: 1,
      nonce: "savepoint-one",
      published: 0,
      outputs: false,
      fingerprint: stageOf(planned, "p.visits").fingerprint,
    });
    await run(next, "p.visits", [event(1)]);
    await run(next, "p.pages", delivered(next));
    expect(env.rows).toMatchObject([{ row: { visits: 1 }, version: { epoch: 1, v: 2 } }]);
  });

  test("counts rows of which no log says any more what they were, and leaves them", async () => {
    const env = { ...(await begun()), snapshotEntries: 1 };
    await run(env, "p.pages", delivered(env));
    const savepoint = await take(env);
    await run(env, "p.visits", [event(4), event(5, "/new")]);
    await run({ ...env, snapshotEntries: 1_000 }, "p.pages", delivered(env));
    env.rows.length = 0;
    expect(await restore(env, savepoint)).toMatchObject({ rows: { back: 1, unknown: 1 } });
    expect(env.rows).toMatchObject([{ key: "/", row: { visits: 3 } }]);
  });

  test("does not let anybody in before a log is whole", async () => {
    const env = await begun();
    const savepoint = await take(env);
    const next = at(env, 1);
    const causes: unknown[] = [];
    const stage = stageOf(planned, "p.visits");
    const log: typeof env.log = {
      ...env.log,
      append: async (id, item) => {
        if (id.epoch === 1 && id.stage === "p.visits")
          causes.push(...(await new StageLoop(stage, next).run([event(9)])).causes);
        return env.log.append(id, item);
      },
    };
    await restore({ ...env, log }, savepoint);
    expect(causes.map((cause) => (cause as { code: string }).code)).toEqual([
      "EPOCH_EMPTY",
      "LOG_GAP",
      "LOG_GAP",
      "LOG_GAP",
    ]);
    await run(next, "p.visits", [event(9)]);
  });
});

describe("a fork", () => {
  /** Another deployment, in an epoch that waits for a savepoint. */
  const fork = (
    env: InMemory,
    savepoint: Savepoint,
    from: InMemory,
    sameStream: (stream: string) => boolean = () => false,
  ) => restoreSavepoint({ savepoint, from: from.blobs, planned, env, sameStream });

  const positionsIn = (env: InMemory, stage: string) =>
    logOf(env, { stage, partition: 0, epoch: 1 }).map(
      ({ body }) => decodeEntry(body, env.compression).positions,
    );

  const tick = recordOf(70, { kind: "tick", stream: "p.pages", partition: 0, sentAt: epochMs(70) });

  test("begins anew in streams that are others, by stage, and goes on in those that are the same", async () => {
    const from = await begun();
    await run(from, "p.pages", [tick, ...delivered(from)]);
    const savepoint = await take(from);
    expect(savepoint.stages[1]?.partitions[0]?.positions).toEqual([
      ["p.visits/0", 3],
      ["shard-1", "70"],
    ]);
    const same = async (streams: readonly string[]): Promise<InMemory> => {
      const env = at(inMemory(), 1);
      await fork(env, savepoint, from, (stream) => streams.includes(stream));
      return env;
    };
    const none = await same([]);
    expect(positionsIn(none, "p.visits").at(-1)).toEqual([]);
    expect(positionsIn(none, "p.pages").at(-1)).toEqual([["p.visits/0", 3]]);
    const visits = await same(["visits"]);
    expect(positionsIn(visits, "p.visits").at(-1)).toEqual([["shard-1", "3"]]);
    expect(positionsIn(visits, "p.pages").at(-1)).toEqual([["p.visits/0", 3]]);
    const pages = await same(["p.pages", "p.visits"]);
    expect(positionsIn(pages, "p.visits").at(-1)).toEqual([]);
    expect(positionsIn(pages, "p.pages").at(-1)).toEqual([
      ["p.visits/0", 3],
      ["shard-1", "70"],
    ]);
  });

  test("leaves the views of its deployment as they are, whatever it did before", async () => {
    const from = await begun();
    const savepoint = await take(from);
    const env = await begun();
    await run(env, "p.pages", delivered(env));
    env.rows.length = 0;
    expect(await fork(at(env, 1), savepoint, from)).toMatchObject({ rows: { back: 0, unknown: 0 } });
    expect(env.rows).toEqual([]);
  });

  test("may begin in an epoch of its deployment that is not after the savepoint's", async () => {
    const env = await begun();
    const savepoint = { ...(await take(env)), epoch: 3 };
    const other = at(inMemory(), 1);
    expect(await fork(other, savepoint, env)).toMatchObject({ epoch: 1, partitions: 2, frames: 1 });
    await expect(restore(env, savepoint, 3)).rejects.toMatchObject({ code: "SAVEPOINT_EPOCH_TAKEN" });
  });
});

describe("a plan that differs from the savepoint's", () => {
  const restored = async (other: Planned, allowDroppedState?: boolean) => {
    const env = await begun();
    const savepoint = await take(env);
    const result = await restoreSavepoint({
      savepoint,
      from: env.blobs,
      planned: other,
      env: at(env, 1),
      ...(allowDroppedState === undefined ? {} : { allowDroppedState }),
    });
    return { result, env: at(env, 1) };
  };

  test("by a window's size is refused, and the operator is named", async () => {
    await expect(restored(plan({ minutes: 2 }))).rejects.toMatchObject({
      code: "SAVEPOINT_MISMATCH",
      message: expect.stringMatching(/stage "p\.pages": operator "pages" was .*1 min.*, is .*2 min/),
    });
  });

  test("by a stage is refused, unless its state may be left behind", async () => {
    const renamed = plan({ id: "others" });
    await expect(restored(renamed)).rejects.toMatchObject({
      code: "SAVEPOINT_MISMATCH",
      message: expect.stringContaining('stage "p.pages": the plan does not have it'),
    });
    const { result } = await restored(renamed, true);
    expect(result).toMatchObject({ dropped: ["p.pages"], begun: ["p.others"], frames: 0 });
  });

  test("may leave a stage's state behind, which then goes on with its channels", async () => {
    const wider = plan({ minutes: 2 });
    const { result, env } = await restored(wider, true);
    expect(result).toMatchObject({ dropped: ["p.pages"], frames: 1 });
    await run(env, "p.pages", delivered(env), wider);
    expect(env.rows.at(-1)).toMatchObject({ row: { visits: 1 }, version: { epoch: 1 } });
  });

  test("by a stage more lets that begin empty", async () => {
    const { result, env } = await restored(plan({ lake: true }));
    expect(result).toMatchObject({ begun: ["p.lake-all"], dropped: [], partitions: 3 });
    const [opening] = logOf(env, { stage: "p.lake-all", partition: 0, epoch: 1 });
    expect(decodeEntry(opening?.body ?? new Uint8Array(), env.compression)).toMatchObject({
      positions: [],
      channels: [],
      frames: [],
      views: [],
    });
  });

  test("by the number of partitions is refused, also where state may be left behind", async () => {
    const wider = plan({ partitions: 2, minutes: 2 });
    for (const allowed of [true, false])
      await expect(restored(wider, allowed)).rejects.toMatchObject({
        code: "SAVEPOINT_MISMATCH",
        next: "refused",
        message:
          'savepoint "one" does not fit the plan: stage "p.visits": 1 partitions are saved, the plan has 2; stage "p.pages": 1 partitions are saved, the plan has 2',
      });
  });
});
