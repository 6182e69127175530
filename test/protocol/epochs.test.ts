import { describe, expect, test } from "vitest";
import { z } from "zod";
import { zstd } from "../../functions/aws/zstd.ts";
import { decodeFrame } from "../../shared/frames/decode.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { application, count, minutes, pipeline, stream, tumbling, view } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { encodeEntry, quietEntry } from "../../shared/protocol/entry.ts";
import { fenceLog } from "../../shared/protocol/fence.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { type InMemory, inMemory, logOf } from "./in-memory.ts";

const visits = stream("visits", {
  schema: z.object({ who: z.string(), page: z.string(), at: z.int() }),
  time: "at",
  key: "who",
  partitions: 1,
});
const { stages } = planApplication(
  application("app", {
    streams: [visits],
    pipelines: [
      pipeline("p", (p) =>
        p
          .from(visits)
          .keyBy("page")
          .window(tumbling(minutes(1)), { id: "pages" })
          .aggregate({ visits: count() })
          .to(view("pages", { key: (row) => row.key, sort: (row) => row.window.start })),
      ),
    ],
  }),
);
const source = stages.get("p.visits") as Stage;
const pages = stages.get("p.pages") as Stage;

const recordOf = (sequence: number, data: Uint8Array): InRecord => ({
  shard: "shard-1",
  sequence: String(sequence),
  partitionKey: "p0",
  arrivedAt: epochMs(5_000),
  data,
});

const event = (sequence: number): InRecord =>
  recordOf(
    sequence,
    encodeFrame(
      {
        kind: "events",
        stream: "visits",
        partition: 0,
        sentAt: epochMs(sequence),
        events: [[`e${sequence}`, epochMs(sequence), { who: "ann", page: "/", at: sequence }]],
      },
      zstd,
    ),
  );

const rows = (counter: number, epoch: number): InRecord =>
  recordOf(
    counter,
    encodeFrame(
      {
        kind: "rows",
        stage: "p.visits",
        from: 0,
        to: 0,
        ...(epoch === 0 ? {} : { epoch }),
        counter,
        watermark: epochMs(counter),
        sentAt: epochMs(counter),
        rows: [[0, "/", epochMs(counter), { who: "ann", page: "/", at: counter }]],
      },
      zstd,
    ),
  );

/** A log must say that its epoch began: as a restore leaves it. */
async function begun(env: InMemory, stage: Stage, epoch: number): Promise<void> {
  const entry = quietEntry();
  await env.log.append(
    { stage: stage.id, partition: 0, epoch },
    {
      v: 1,
      nonce: "restored",
      published: 0,
      outputs: false,
      watermark: entry.time.watermark,
      nextTimer: undefined,
      owes: false,
      codeVersion: "code-1",
      fingerprint: stage.fingerprint,
      counts: {},
      body: encodeEntry(entry, zstd),
    },
  );
}

describe("a stage of a later epoch", () => {
  test("writes to a log of its own, and says its epoch in frames and rows of views", async () => {
    const env = inMemory({ epoch: 2 });
    for (const stage of [source, pages]) await begun(env, stage, 2);
    expect(await new StageLoop(source, env).run([event(1)])).toMatchObject({ causes: [] });
    expect(logOf(env, { stage: source.id, partition: 0 })).toEqual([]);
    expect(logOf(env, { stage: source.id, partition: 0, epoch: 2 }).map(({ v }) => v)).toEqual([1, 2]);
    const frames = env.published.map(({ record }) => decodeFrame(record.data, zstd));
    expect(frames).toMatchObject([{ kind: "rows", epoch: 2, counter: 1 }]);

    await new StageLoop(pages, env).run([rows(1, 2), rows(120_000, 2)]);
    await new StageLoop(pages, env).run([
      recordOf(9, encodeFrame({ kind: "end", stream: pages.id, partition: 0, sentAt: epochMs(1) }, zstd)),
    ]);
    expect(env.rows.map(({ version }) => version)).toEqual([{ epoch: 2, v: 3 }]);
  });

  test("drops frames of every other epoch, those of a later one too", async () => {
    const env = inMemory({ epoch: 2 });
    await begun(env, pages, 2);
    const outcome = await new StageLoop(pages, env).run([rows(1, 0), rows(1, 1), rows(1, 3)]);
    expect(outcome).toEqual({ firstFailed: undefined, causes: [] });
    expect(logOf(env, { stage: pages.id, partition: 0, epoch: 2 })).toHaveLength(1);
    await new StageLoop(pages, env).run([rows(1, 2)]);
    expect(logOf(env, { stage: pages.id, partition: 0, epoch: 2 })).toHaveLength(2);
  });

  test("does not begin where nothing was restored", async () => {
    const env = inMemory({ epoch: 1 });
    expect(await new StageLoop(source, env).run([event(1)])).toMatchObject({
      firstFailed: "1",
      causes: [{ code: "EPOCH_EMPTY", next: "retried" }],
    });
    expect(env.items.size).toBe(0);
  });
});

describe("a log that was ended", () => {
  const id = { stage: source.id, partition: 0, epoch: 0 };

  test("takes no entry any more, of a warm environment or of a cold one", async () => {
    const env = inMemory();
    const warm = new StageLoop(source, env);
    await warm.run([event(1), event(2)]);
    expect(await fenceLog(env, id)).toBe(1);
    for (const loop of [warm, new StageLoop(source, env)])
      expect(await loop.run([event(3)])).toMatchObject({
        firstFailed: "3",
        causes: [{ code: "EPOCH_ENDED", next: "halted" }],
      });
    expect(logOf(env, id).map(({ v }) => v)).toEqual([1, 2]);
  });

  test("keeps beside its end what stood beside its last entry, of which it was read alone", async () => {
    const env = inMemory();
    await begun(env, source, 0);
    const standing = { published: 1, owes: true, watermark: epochMs(7), counts: { input: 3 } };
    const timers = { nextTimer: epochMs(8), nextProcessingTimer: epochMs(9) };
    const [first] = logOf(env, id);
    if (first === undefined) throw new RangeError("no entry");
    env.items.set(
      "p.visits/0",
      [1, 2, 3].map((v) => ({ ...first, ...standing, ...timers, v })),
    );
    await env.log.recordSnapshot(id, { v: 2, key: "snapshot" });
    const reads: number[] = [];
    const log: typeof env.log = {
      ...env.log,
      readAfter: (of, v, upTo) => {
        reads.push(v);
        return env.log.readAfter(of, v, upTo);
      },
    };
    expect(await fenceLog({ ...env, log, codeVersion: "code-2" }, id)).toBe(3);
    expect(reads).toEqual([1]);
    expect(logOf(env, id).at(-1)).toEqual({
      ...standing,
      ...timers,
      v: 4,
      nonce: expect.any(String),
      outputs: false,
      codeVersion: "code-2",
      fingerprint: `epoch-ended:${source.fingerprint}`,
      body: encodeEntry(quietEntry(), zstd),
    });
  });

  test("says of one that had not begun that nothing stood there", async () => {
    const env = inMemory();
    const reads: number[] = [];
    const log: typeof env.log = {
      ...env.log,
      readAfter: (of, v) => {
        reads.push(v);
        return env.log.readAfter(of, v);
      },
    };
    await fenceLog({ ...env, log }, id);
    expect(reads).toEqual([0]);
    expect(logOf(env, id)).toMatchObject([
      {
        v: 1,
        published: 0,
        outputs: false,
        watermark: quietEntry().time.watermark,
        nextTimer: undefined,
        owes: false,
        fingerprint: "epoch-ended:",
        counts: {},
      },
    ]);
  });

  test("ends once, also where it had not begun", async () => {
    const env = inMemory();
    expect(await fenceLog(env, id)).toBe(0);
    expect(await fenceLog(env, id)).toBeUndefined();
    expect(logOf(env, id)).toHaveLength(1);
  });

  test("ends behind an entry that comes first", async () => {
    const env = inMemory();
    let raced = false;
    const log: typeof env.log = {
      ...env.log,
      append: async (to, item) => {
        if (!raced) {
          raced = true;
          await new StageLoop(source, env).run([event(1)]);
        }
        return env.log.append(to, item);
      },
    };
    expect(await fenceLog({ ...env, log }, id)).toBe(1);
  });
});
