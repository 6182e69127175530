import { describe, expect, test } from "vitest";
import { encodeFrame } from "../../shared/frames/encode.ts";
import type { Frame } from "../../shared/frames/frame.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import {
  application,
  count,
  custom,
  lake,
  milliseconds,
  pipeline,
  stream,
  tumbling,
  valueState,
  view,
} from "../../shared/index.ts";
import type { FailurePolicy } from "../../shared/operators/spec.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { decodeEntry } from "../../shared/protocol/entry.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { type Reading, readingsOf, sourceStage } from "../operators/one-stage.ts";
import { type InMemory, inMemory, logOf } from "./in-memory.ts";
import { none } from "./records.ts";

const SETTLED = { firstFailed: undefined, causes: [] };
const source = { stage: "p.readings", partition: 0 };

const recordOf = (sequence: number, frame: Frame): InRecord => ({
  shard: "shard-0",
  sequence: String(sequence),
  partitionKey: "0",
  arrivedAt: epochMs(0),
  data: encodeFrame(frame, none),
});
const read = (n: number, k = "a"): Reading => ({ id: `e${n}`, k, t: n, n });
const eventsAt = (sequence: number, sentAt: number, ...readings: readonly Reading[]): InRecord =>
  recordOf(sequence, {
    kind: "events",
    stream: "readings",
    partition: 0,
    sentAt: epochMs(sentAt),
    events: readings.map((one) => [one.id, epochMs(one.t), one]),
  });
const tickAt = (sequence: number, sentAt: number): InRecord =>
  recordOf(sequence, { kind: "tick", stream: "readings", partition: 0, sentAt: epochMs(sentAt) });

const inputsOf = (env: InMemory, id = source): (number | undefined)[] =>
  logOf(env, id).map(({ counts }) => counts["input"]);

describe("a batch of more than 10,000 events", () => {
  const many = Array.from({ length: 10_000 }, () => read(1));

  test("is committed in parts, each a record at least", async () => {
    const stage = sourceStage((readings) => ({ none: readings.filter(() => false) }));
    const env = inMemory({ compression: none });
    const records = [eventsAt(1, 1, ...many), eventsAt(2, 2, read(2)), eventsAt(3, 3, read(3))];
    expect(await new StageLoop(stage, env).run(records)).toEqual(SETTLED);
    expect(inputsOf(env)).toEqual([10_000, 10_002]);
  });

  test("is one of rows, likewise", async () => {
    const readings = readingsOf();
    const built = pipeline("p", (p) =>
      p
        .from(readings)
        .keyBy((one) => one.k)
        .window(tumbling(milliseconds(10)), { id: "w" })
        .aggregate({ count: count() })
        .to(view("v", { key: (row) => row.key })),
    );
    const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
    const rowsAt = (counter: number, rows: number): InRecord =>
      recordOf(counter, {
        kind: "rows",
        stage: "p.readings",
        from: 0,
        to: 0,
        counter,
        watermark: epochMs(0),
        sentAt: epochMs(counter),
        rows: Array.from({ length: rows }, () => [0, "a", epochMs(1), {}] as const),
      });
    const env = inMemory({ compression: none });
    const loop = new StageLoop(stages.get("p.w") as Stage, env);
    expect(await loop.run([rowsAt(1, 9_999), rowsAt(2, 1), rowsAt(3, 1)])).toEqual(SETTLED);
    expect(logOf(env, { stage: "p.w", partition: 0 }).map(({ counts }) => counts["input"])).toEqual([
      10_000, 10_001,
    ]);
  });

  test("that halts at its first event is not tried again and again", async () => {
    const halt = (): never => {
      throw new Error("no");
    };
    const stage = sourceStage((readings) => ({ all: readings.map(halt, { id: "n", onError: "halt" }) }));
    const env = inMemory({ compression: none });
    expect(
      await new StageLoop(stage, env).run([eventsAt(1, 1, ...many), eventsAt(2, 2, read(2))]),
    ).toMatchObject({ firstFailed: "1", causes: [{ code: "OPERATOR_HALTED" }] });
    expect(logOf(env, source)).toEqual([]);
  });
});

test("a tick moves the watermark of a partition that has been idle for long enough, counted from its last event", async () => {
  const idle = { threshold: milliseconds(1_000), incrementBy: milliseconds(50) };
  const stage = sourceStage(
    (readings) => ({
      counts: readings
        .keyBy("k")
        .window(tumbling(milliseconds(10)), { id: "w" })
        .aggregate({ count: count() }),
    }),
    { idle },
  );
  const env = inMemory({ compression: none });
  const watermarks = (): number[] => logOf(env, source).map(({ watermark }) => watermark);
  await new StageLoop(stage, env).run([eventsAt(1, 1_000, read(1)), eventsAt(2, 1_500, read(2))]);
  await new StageLoop(stage, env).run([tickAt(3, 2_400)]);
  expect(watermarks()).not.toContain(52);
  await new StageLoop(stage, env).run([tickAt(4, 2_500)]);
  expect(watermarks().at(-1)).toBe(52);
});

describe("a tick at which a timer of processing time is due", () => {
  const counted = (stage: { readonly emits: boolean }): Stage =>
    sourceStage((readings) => ({
      rows: readings.keyBy("k").process({
        id: "late",
        state: { fired: valueState<number>() },
        onEvent({ n }, { state, timers, processingTime }) {
          const fired = state.fired.get() ?? 0;
          if (n > 0) return [{ fired }];
          timers.atProcessingTime(epochMs(processingTime + 100));
          return [];
        },
        onProcessingTimer(_time, { state }) {
          state.fired.set((state.fired.get() ?? 0) + 1);
          return stage.emits ? [{ fired: -1 }] : [];
        },
      }),
    }));

  const valuesIn = (env: InMemory): unknown[] =>
    logOf(env, source).map(({ body }) =>
      decodeEntry(body, none).frames.flatMap(([, , , , rows]) => rows.map(([, , , value]) => value)),
    );

  test.each([true, false])("is committed once, with what it gives or without (%s)", async (emits) => {
    const stage = counted({ emits });
    const env = inMemory({ compression: none });
    for (const record of [eventsAt(1, 1_000, read(0)), tickAt(2, 1_100), tickAt(3, 1_200)])
      expect(await new StageLoop(stage, env).run([record])).toEqual(SETTLED);
    await new StageLoop(stage, env).run([eventsAt(4, 1_300, read(1))]);
    expect(valuesIn(env)).toEqual([[], emits ? [{ fired: -1 }] : [], [{ fired: 1 }]]);
  });

  test("is told beside the entry, as long as the timer is set", async () => {
    const env = inMemory({ compression: none });
    const loop = new StageLoop(counted({ emits: true }), env);
    await loop.run([eventsAt(1, 1_000, read(0))]);
    await loop.run([tickAt(2, 1_100)]);
    const [set, fired] = logOf(env, source);
    expect(set?.nextProcessingTimer).toBe(1_100);
    expect(fired).toBeDefined();
    expect(Object.keys(fired ?? {})).not.toContain("nextProcessingTimer");
  });
});

test("an event that changes and gives nothing is counted", async () => {
  const stage = sourceStage((readings) => ({ some: readings.filter(({ n }) => n > 9) }));
  const env = inMemory({ compression: none });
  const loop = new StageLoop(stage, env);
  for (const n of [1, 2]) await loop.run([eventsAt(n, n, read(n))]);
  expect(inputsOf(env)).toEqual([1, 2]);
  expect(logOf(env, source).map(({ body }) => decodeEntry(body, none).positions)).toEqual([
    [["shard-0", "1"]],
    [["shard-0", "2"]],
  ]);
});

const counts = (): Stage =>
  sourceStage((readings) => ({
    counts: readings
      .keyBy("k")
      .window(tumbling(milliseconds(1_000)), { id: "w", trigger: { early: { events: 1 } } })
      .aggregate({ count: count() }),
  }));

/** The rows of the last entry. */
function lastRows(env: InMemory): unknown[] {
  const [item] = logOf(env, source).slice(-1);
  const { frames } = decodeEntry(item?.body ?? new Uint8Array(), none);
  return frames.flatMap(([, , , , rows]) => rows.map(([, , , value]) => value));
}

describe("a batch that could not be put into the log", () => {
  test.each(["before it was there", "behind it, its answer lost"])(
    "counts once when it is tried again: the write failed %s",
    async (where) => {
      const env = inMemory({ compression: none });
      let fails = true;
      const append: Environment["log"]["append"] = async (id, item) => {
        const put = where.startsWith("before") && fails ? undefined : await env.log.append(id, item);
        if (fails || put === undefined) {
          fails = false;
          throw new Error("timeout");
        }
        return put;
      };
      const loop = new StageLoop(counts(), { ...env, log: { ...env.log, append } });
      const batch = [eventsAt(1, 1, read(1), read(2))];
      expect(await loop.run(batch)).toMatchObject({ firstFailed: "1", causes: [new Error("timeout")] });
      expect(await loop.run([...batch, eventsAt(2, 2, read(3))])).toEqual(SETTLED);
      expect(lastRows(env).at(-1)).toMatchObject({ key: "a", count: 3 });
      expect(inputsOf(env).at(-1)).toBe(3);
    },
  );
});

const PAGES = { compression: none, snapshotEntries: 1, state: { pageChars: 1, eagerBytes: 0 } };
const keys = [..."abcdef"];
const ofEach = (n: number): InRecord[] =>
  keys.map((k, i) => eventsAt(10 * n + i, 1, { ...read(n, k), t: n }));

test("what a batch needs and is not in memory is fetched before it counts", async () => {
  const env = inMemory(PAGES);
  await new StageLoop(counts(), env).run(ofEach(1));
  expect(await new StageLoop(counts(), env).run(ofEach(2))).toEqual(SETTLED);
  expect(lastRows(env)).toMatchObject(keys.map((key) => ({ key, count: 2 })));
  expect(inputsOf(env).at(-1)).toBe(12);
});

describe("user code that throws at what is not in memory", () => {
  /** Adds only the number that follows. */
  const strict = (onError: FailurePolicy): Stage =>
    sourceStage((readings) => ({
      sums: readings
        .keyBy("k")
        .window(tumbling(milliseconds(1_000)), { id: "w", onError, trigger: { early: { events: 1 } } })
        .aggregate({
          last: custom<Reading, number, number>({
            create: () => 0,
            add: (last, { n }) => {
              if (n !== last + 1) throw new Error(`${n} comes after ${last}`);
              return n;
            },
            merge: Math.max,
            finish: (last) => last,
          }),
        }),
    }));

  test.each<FailurePolicy>(["dead-letter", "halt"])(
    "is called again once it is there, and fails nothing: %s",
    async (onError) => {
      const stage = strict(onError);
      const env = inMemory(PAGES);
      await new StageLoop(stage, env).run(ofEach(1));
      let reads = 0;
      const readAfter: Environment["log"]["readAfter"] = (...args) => {
        reads += 1;
        return env.log.readAfter(...args);
      };
      const cold = new StageLoop(stage, { ...env, log: { ...env.log, readAfter } });
      expect(await cold.run(ofEach(2))).toEqual(SETTLED);
      expect(env.failed).toEqual([]);
      expect(lastRows(env)).toMatchObject(keys.map((key) => ({ key, last: 2 })));
      // what it lacks is fetched without another look at the log
      expect(reads).toBe(1);
    },
  );
});

test("rows that are spread go to the partition whose turn it is by the version of their entry", async () => {
  const clicks = stream("clicks", {
    schema: readingsOf().schema,
    time: "t",
    key: "k",
    partitions: 4,
  });
  const built = pipeline("p", (p) =>
    p
      .from(clicks)
      .keyBy("k")
      .spread(4)
      .window(tumbling(milliseconds(10)), { id: "w" })
      .aggregate({ count: count() })
      .to(lake("all")),
  );
  const { stages } = planApplication(application("app", { streams: [clicks], pipelines: [built] }));
  const env = inMemory({ compression: none });
  const loop = new StageLoop(stages.get("p.clicks") as Stage, env);
  for (const n of [1, 2, 3])
    await loop.run([
      recordOf(n, {
        kind: "events",
        stream: "clicks",
        partition: 0,
        sentAt: epochMs(0),
        events: [[`e${n}`, epochMs(1), read(1)]],
      }),
    ]);
  const reached = logOf(env, { stage: "p.clicks", partition: 0 }).map(({ body }) =>
    decodeEntry(body, none).frames.flatMap(([, to, , , rows]) => (rows.length > 0 ? [to] : [])),
  );
  expect(reached).toEqual([1, 2, 3].map((v) => [(partitionOf("a", 4) + v) % 4]));
});
