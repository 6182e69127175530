import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import type { Key, WireEvent } from "../../shared/events/event.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import type { Frame } from "../../shared/frames/frame.ts";
import { application, count, custom, milliseconds, pipeline, tumbling, view } from "../../shared/index.ts";
import type { FailurePolicy } from "../../shared/operators/spec.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { type BatchOutcome, StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { type Reading, readingsOf } from "../operators/one-stage.ts";
import { type InMemory, inMemory, logOf } from "./in-memory.ts";

const ms = milliseconds;

function stageOf(n: (reading: Reading) => number, onError: FailurePolicy = "dead-letter"): Stage {
  const readings = readingsOf();
  const built = pipeline("p", (p) =>
    p
      .from(readings)
      .map((one) => ({ ...one, n: n(one) }), { id: "n", onError })
      .keyBy("k")
      .window(tumbling(ms(10)), { id: "w", trigger: { early: { events: 1 } } })
      .aggregate({ count: count() })
      .to(view("v", { key: (row) => row.key, sort: (row) => row.window.start })),
  );
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  const stage = [...stages.values()].find(({ input }) => input.kind === "source");
  if (stage === undefined) throw new Error("no source stage");
  return stage;
}

/** Keys are chosen behind a map, so the source stage feeds the window's: both are run one after another. */
const plain = stageOf(({ n }) => n);

const read = (n: number, t = 0, k = "a"): Reading => ({ id: `e${n}-${t}`, k, t, n });
const wire = (reading: Reading): WireEvent => [reading.id, epochMs(reading.t), reading];
const recordOf = (sequence: number, frame: Frame): InRecord => ({
  shard: "shard-0",
  sequence: String(sequence),
  partitionKey: "0",
  arrivedAt: epochMs(1_000),
  data: encodeFrame(frame, zstd),
});
const eventsAt = (sequence: number, ...readings: readonly Reading[]): InRecord =>
  recordOf(sequence, {
    kind: "events",
    stream: "readings",
    partition: 0,
    sentAt: epochMs(1_000 + sequence),
    events: readings.map(wire),
  });
const tickAt = (sequence: number): InRecord =>
  recordOf(sequence, { kind: "tick", stream: "readings", partition: 0, sentAt: epochMs(1_000 + sequence) });
const endAt = (sequence: number): InRecord =>
  recordOf(sequence, { kind: "end", stream: "readings", partition: 0, sentAt: epochMs(1_000 + sequence) });
const rowsAt = (counter: number, ...rows: readonly [Key, number, unknown][]): InRecord =>
  recordOf(counter, {
    kind: "rows",
    stage: "p.readings",
    from: 0,
    to: 0,
    counter,
    watermark: epochMs(-100),
    sentAt: epochMs(1_000 + counter),
    rows: rows.map(([key, time, value]) => [0, key, epochMs(time), value]),
  });

const settled: BatchOutcome = { firstFailed: undefined, causes: [] };
const own = { stage: plain.id, partition: 0 };

/** The window's stage of the same pipeline: its rows come in frames with dense counters. */
const windows = (() => {
  const readings = readingsOf();
  const built = pipeline("p", (p) =>
    p
      .from(readings)
      .keyBy((one) => one.k)
      .window(tumbling(ms(10)), { id: "w", trigger: { early: { events: 1 } } })
      .aggregate({ count: count() })
      .to(view("v", { key: (row) => row.key, sort: (row) => row.window.start })),
  );
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  return stages.get("p.w") as Stage;
})();

/** What a reader of the views finds: of each row the write of the highest version. */
function finalRows({ rows }: InMemory): Map<string, unknown> {
  const best = new Map<string, { v: number; row: unknown }>();
  for (const { key, sort, row, version } of rows) {
    const place = `${key} ${sort}`;
    if ((best.get(place)?.v ?? 0) < version.v) best.set(place, { v: version.v, row });
  }
  return new Map([...best].map(([place, { row }]) => [place, row]));
}

describe("a partition", () => {
  const anyFrames = fc.array(
    fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.nat({ max: 40 })), { minLength: 1, maxLength: 4 }),
    { minLength: 1, maxLength: 12 },
  );
  const anyDeliveries = fc.array(
    fc.record({
      loop: fc.nat({ max: 2 }),
      from: fc.nat({ max: 12 }),
      length: fc.integer({ min: 1, max: 6 }),
    }),
    { maxLength: 12 },
  );

  test.prop([anyFrames, anyDeliveries], { numRuns: 80 })(
    "takes each frame once and in order, whoever delivers it, again, in which batches, to a stale replica or a fresh one",
    async (frames, deliveries) => {
      const records = frames.map((rows, i) =>
        rowsAt(i + 1, ...rows.map(([k, t]) => [k, t, { k }] as [Key, number, unknown])),
      );
      const clean = inMemory();
      await new StageLoop(windows, clean).run(records);

      const env = inMemory({ snapshotEntries: 3 });
      const loops = [new StageLoop(windows, env), new StageLoop(windows, env)];
      for (const { loop, from, length } of deliveries)
        await (loops[loop] ?? new StageLoop(windows, env)).run(records.slice(from, from + length));
      expect(await new StageLoop(windows, env).run(records)).toEqual(settled);
      expect(finalRows(env)).toEqual(finalRows(clean));
      const log = logOf(env, { stage: windows.id, partition: 0 });
      expect(log.at(-1)?.counts).toMatchObject({ input: frames.flat().length });
      expect(log.map(({ v }) => v)).toEqual(log.map((_, i) => (log[0]?.v ?? 1) + i));
    },
  );

  test("stops at a missing frame, and goes on once it is there", async () => {
    const env = inMemory();
    const loop = new StageLoop(windows, env);
    const [one, two, three] = [1, 2, 3].map((n) => rowsAt(n, ["a", n, {}])) as [InRecord, InRecord, InRecord];
    expect(await loop.run([one, three])).toEqual({ firstFailed: "3", causes: [] });
    expect(await loop.run([two, three])).toEqual(settled);
    expect(finalRows(env).get("a 0")).toMatchObject({ count: 3 });
  });

  test("writes nothing where an input says nothing new", async () => {
    const env = inMemory();
    const loop = new StageLoop(plain, env);
    await loop.run([eventsAt(1, read(1))]);
    const entries = logOf(env, own).length;
    await loop.run([eventsAt(1, read(1))]);
    await loop.run([tickAt(2)]);
    const ticked = logOf(env, own).length;
    expect(ticked).toBeLessThanOrEqual(entries + 1);
    await loop.run([tickAt(3)]);
    expect(logOf(env, own)).toHaveLength(ticked);
  });

  test("publishes again what may not have arrived, before it commits more", async () => {
    let broken = true;
    const env = inMemory();
    const { views } = env;
    const failing = {
      ...env,
      views: {
        write: (writes: Parameters<typeof views.write>[0]) =>
          broken ? Promise.reject(new Error("down")) : views.write(writes),
      },
    };
    const loop = new StageLoop(windows, failing);
    const first = await loop.run([rowsAt(1, ["a", 1, {}])]);
    expect(first).toMatchObject({ firstFailed: "1", causes: [new Error("down")] });
    expect(await loop.run([rowsAt(2, ["a", 2, {}])])).toMatchObject({ firstFailed: "2" });
    expect(logOf(env, { stage: windows.id, partition: 0 })).toHaveLength(1);
    broken = false;
    for (const fresh of [loop, new StageLoop(windows, failing)])
      expect(await fresh.run([rowsAt(1, ["a", 1, {}]), rowsAt(2, ["a", 2, {}])])).toEqual(settled);
    expect(
      env.rows.map(({ version: { v }, row }) => [v, (row as { count: number }).count]).slice(0, 2),
    ).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(finalRows(env).get("a 0")).toMatchObject({ count: 2 });
  });

  test("stops before the record that an operator halts at, and keeps what was before it", async () => {
    const halting = stageOf(({ n }) => {
      if (n === 3) throw new Error("three");
      return n;
    }, "halt");
    const env = inMemory();
    const outcome = await new StageLoop(halting, env).run([
      eventsAt(1, read(1)),
      eventsAt(2, read(2), read(3)),
      eventsAt(3, read(4)),
    ]);
    expect(outcome).toMatchObject({ firstFailed: "2", causes: [{ code: "OPERATOR_HALTED" }] });
    expect(logOf(env, own).at(-1)?.counts).toMatchObject({ input: 1 });
    expect(
      await new StageLoop(plain, env).run([eventsAt(2, read(2), read(3)), eventsAt(3, read(4))]),
    ).toEqual(settled);
    expect(logOf(env, own).at(-1)?.counts).toMatchObject({ input: 4 });
  });
});

describe("values that stand in the way of a batch", () => {
  test("fail alone: what no log can keep becomes a failed event that says so", async () => {
    const strange = stageOf((one) => (one.n === 2 ? ((() => 1) as unknown as number) : one.n));
    const env = inMemory();
    expect(await new StageLoop(strange, env).run([eventsAt(1, read(1), read(2), read(3))])).toEqual(settled);
    expect(env.failed).toMatchObject([{ error: { code: "VALUE_UNSUPPORTED" }, id: "e2-0" }]);
    expect(logOf(env, own).at(-1)?.counts).toMatchObject({ input: 3, failed: 1 });
  });

  test("fail alone: an add that throws when it has changed its sum leaves the sum right", async () => {
    const env = inMemory();
    const readings = readingsOf();
    const built = pipeline("p", (p) =>
      p
        .from(readings)
        .keyBy("k")
        .window(tumbling(ms(10)), { id: "w" })
        .aggregate({
          total: custom<Reading, number[], number>({
            create: () => [],
            add: (all, { n }) => {
              all.push(n);
              if (n === 13) throw new Error("thirteen");
              return all;
            },
            merge: (a, b) => [...a, ...b],
            finish: (all) => all.reduce((a, b) => a + b, 0),
          }),
        })
        .to(view("v", { key: (row) => row.key })),
    );
    const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
    const loop = new StageLoop(stages.get("p.readings") as Stage, env);
    expect(
      await loop.run([eventsAt(1, read(1), read(13), read(2)), eventsAt(2, read(13)), endAt(3)]),
    ).toEqual(settled);
    expect(env.failed).toHaveLength(2);
    expect(env.rows).toMatchObject([{ key: "a", row: { total: 3 } }]);
  });
});

describe("a replica", () => {
  const id = { stage: windows.id, partition: 0, epoch: 0 };
  const fill = async (env: InMemory, upTo: number): Promise<void> => {
    const loop = new StageLoop(windows, env);
    for (let n = 1; n <= upTo; n += 1) await loop.run([rowsAt(n, ["a", n % 10, {}])]);
  };

  test("starts from the newest snapshot where the entries before it are gone", async () => {
    const env = inMemory({ snapshotEntries: 4 });
    await fill(env, 6);
    expect(env.refs.get("p.w/0")?.v).toBe(4);
    await env.log.truncate(id, 4, epochMs(0));
    expect(await new StageLoop(windows, env).run([rowsAt(7, ["a", 7, {}])])).toEqual(settled);
    expect(finalRows(env).get("a 0")).toMatchObject({ count: 7 });
  });

  test("that is warm and older than what is left of the log starts over from the snapshot", async () => {
    const env = inMemory({ snapshotEntries: 4 });
    const stale = new StageLoop(windows, env);
    await stale.run([rowsAt(1, ["a", 1, {}])]);
    const other = new StageLoop(windows, env);
    for (let n = 2; n <= 6; n += 1) await other.run([rowsAt(n, ["a", n, {}])]);
    const ref = env.refs.get("p.w/0");
    await env.log.truncate(id, ref?.v ?? 0, epochMs(0));
    expect(await stale.run([rowsAt(7, ["a", 7, {}])])).toEqual(settled);
    expect(finalRows(env).get("a 0")).toMatchObject({ count: 7 });
  });

  test.each<[string, string, string, string, (env: InMemory) => void]>([
    [
      "an entry is missing that no snapshot holds",
      "LOG_GAP",
      "retried",
      "entry 5 is missing",
      (env) =>
        void env.items.set(
          "p.w/0",
          logOf(env, id).filter(({ v }) => v !== 5),
        ),
    ],
    [
      "its snapshot is gone",
      "SNAPSHOT_UNKNOWN",
      "retried",
      'snapshot "snapshots/p.w/0/0/000000000004-nonce-5" is missing',
      (env) => env.objects.clear(),
    ],
    [
      "another shape of the stage wrote an entry",
      "STATE_MISMATCH",
      "halted",
      "entry 6 was written by another shape of this stage; deploy it under a new id or restore the operator",
      (env) =>
        void env.items.set(
          "p.w/0",
          logOf(env, id).map((item) => (item.v === 6 ? { ...item, fingerprint: "other" } : item)),
        ),
    ],
  ])("refuses to go on where %s", async (_, code, next, why, damage) => {
    const env = inMemory({ snapshotEntries: 4 });
    await fill(env, 6);
    damage(env);
    const before = logOf(env, id).length;
    expect(await new StageLoop(windows, env).run([rowsAt(7, ["a", 7, {}])])).toMatchObject({
      firstFailed: "7",
      causes: [{ code, next, message: `stage "p.w", partition 0: ${why}` }],
    });
    expect(logOf(env, id)).toHaveLength(before);
  });

  test("of another shape does not read this one's snapshot", async () => {
    const env = inMemory({ snapshotEntries: 4 });
    await fill(env, 4);
    const other = { ...windows, fingerprint: "another" };
    expect(await new StageLoop(other, env).run([rowsAt(5, ["a", 5, {}])])).toMatchObject({
      causes: [{ code: "STATE_MISMATCH", message: expect.stringContaining("the snapshot of 4 was written") }],
    });
  });
});
