import { describe, expect, test } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import type { Frame } from "../../shared/frames/frame.ts";
import {
  application,
  collect,
  count,
  custom,
  type Flow,
  hopping,
  lake,
  milliseconds,
  pipeline,
  tumbling,
  view,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { decodeEntry } from "../../shared/protocol/entry.ts";
import type { CommitLog } from "../../shared/protocol/ports.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { type Reading, readingsOf } from "../operators/one-stage.ts";
import { type InMemory, inMemory, logOf } from "./in-memory.ts";

function stageOf(id: string, build: (readings: Flow<Reading>) => void): Stage {
  const readings = readingsOf();
  const built = pipeline("p", (p) => build(p.from(readings)));
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  const stage = stages.get(id);
  if (stage === undefined) throw new Error(`no stage "${id}"`);
  return stage;
}

/** Counts of each key: state and a view's row change with every event. */
const counting = (n: (reading: Reading) => number = ({ n }) => n): Stage =>
  stageOf("p.readings", (readings) =>
    readings
      .map((one) => ({ ...one, n: n(one) }), { id: "n" })
      .keyBy((one) => one.k)
      .window(tumbling(milliseconds(1_000_000)), { id: "w", trigger: { early: { events: 1 } } })
      .aggregate({ count: count() })
      .to(view("v", { key: (row) => row.key })),
  );
/** Behind a map keys may be others: counts are a stage further, and rows are what the first one gives. */
const source = counting();
const counts = stageOf("p.w", (readings) =>
  readings
    .keyBy((one) => one.k)
    .window(tumbling(milliseconds(1_000_000)), { id: "w", trigger: { early: { events: 1 } } })
    .aggregate({ count: count() })
    .to(view("v", { key: (row) => row.key })),
);

const recordOf = (sequence: number, frame: Frame | string): InRecord => ({
  shard: "shard-0",
  sequence: String(sequence),
  partitionKey: "0",
  arrivedAt: epochMs(1_000),
  data: typeof frame === "string" ? new TextEncoder().encode(frame) : encodeFrame(frame, zstd),
});
const events = (sequence: number, ...payloads: readonly unknown[]): InRecord =>
  recordOf(sequence, {
    kind: "events",
    stream: "readings",
    partition: 0,
    sentAt: epochMs(1_000 + sequence),
    events: payloads.map((payload, i) => [`e${sequence}-${i}`, epochMs(i), payload]),
  });
const reading = (n: number): Reading => ({ id: `r${n}`, k: "a", t: 0, n });
const rows = (counter: number, n: number, value: unknown = {}, key = "a"): InRecord =>
  recordOf(counter, {
    kind: "rows",
    stage: "p.readings",
    from: 0,
    to: 0,
    counter,
    watermark: epochMs(-100),
    sentAt: epochMs(1_000 + counter),
    rows: Array.from({ length: n }, () => [0, key, epochMs(5), value]),
  });
const settled = { firstFailed: undefined, causes: [] };

/** An environment whose log does something before, or instead of, each put. */
function withAppend(
  env: InMemory,
  append: (put: () => ReturnType<CommitLog["append"]>) => ReturnType<CommitLog["append"]>,
): InMemory {
  return { ...env, log: { ...env.log, append: (id, item) => append(() => env.log.append(id, item)) } };
}

describe("a commit", () => {
  test("that loses its race is taken back, and what the winner left of the batch is folded again", async () => {
    const env = inMemory();
    let races = 1;
    const loser = new StageLoop(
      counts,
      withAppend(env, async (put) => {
        if (races-- > 0) await new StageLoop(counts, env).run([rows(1, 2)]);
        return put();
      }),
    );
    expect(await loser.run([rows(1, 2), rows(2, 3)])).toEqual(settled);
    expect(logOf(env, { stage: "p.w", partition: 0 }).map(({ v, counts: { input } }) => [v, input])).toEqual([
      [1, 2],
      [2, 5],
    ]);
    expect(env.rows.at(-1)).toMatchObject({ key: "a", row: { count: 5 }, version: { v: 2 } });
  });

  test("whose put fails leaves nothing behind, and is made again when the batch comes again", async () => {
    const env = inMemory();
    let failures = 1;
    const loop = new StageLoop(
      counts,
      withAppend(env, (put) => (failures-- > 0 ? Promise.reject(new Error("down")) : put())),
    );
    expect(await loop.run([rows(1, 2)])).toEqual({ firstFailed: "1", causes: [new Error("down")] });
    expect([env.items.size, env.rows]).toEqual([0, []]);
    expect(await loop.run([rows(1, 2)])).toEqual(settled);
    expect(env.rows.at(-1)).toMatchObject({ row: { count: 2 } });
    expect(logOf(env, { stage: "p.w", partition: 0 })).toMatchObject([{ counts: { input: 2 } }]);
  });

  test("whose put lands though it failed is found in the log, published, and not made twice", async () => {
    const env = inMemory();
    let failures = 1;
    const loop = new StageLoop(
      counts,
      withAppend(env, async (put) => {
        const landed = await put();
        if (failures-- > 0) throw new Error("no answer");
        return landed;
      }),
    );
    expect(await loop.run([rows(1, 2)])).toMatchObject({ firstFailed: "1" });
    expect(env.rows).toEqual([]);
    expect(await loop.run([rows(1, 2)])).toEqual(settled);
    expect(env.rows.map(({ row }) => row)).toMatchObject([{ count: 2 }]);
    expect(logOf(env, { stage: "p.w", partition: 0 })).toHaveLength(1);
  });

  test("holds about 10,000 events: a larger batch is cut between records", async () => {
    const env = inMemory();
    await new StageLoop(counts, env).run([rows(1, 5_000), rows(2, 5_000), rows(3, 1), rows(4, 1)]);
    const inputs = logOf(env, { stage: "p.w", partition: 0 }).map(({ counts: { input } }) => input);
    expect(inputs).toEqual([10_000, 10_002]);
  });

  test("counts the events of a source's records, and a record that holds none as one", async () => {
    const env = inMemory();
    const many = (sequence: number): InRecord =>
      events(sequence, ...Array.from({ length: 6_000 }, (_, n) => reading(n)));
    const tick = recordOf(3, { kind: "tick", stream: "readings", partition: 0, sentAt: epochMs(9_000) });
    await new StageLoop(source, env).run([many(1), many(2), tick, many(4)]);
    const inputs = logOf(env, { stage: "p.readings", partition: 0 }).map(({ counts: { input } }) => input);
    expect(inputs).toEqual([12_000, 18_000]);
  });

  test("of a lake stage is a file, and holds twenty times as many", async () => {
    const env = inMemory();
    const files = stageOf("p.lake-all", (readings) => readings.to(lake("all")));
    await new StageLoop(files, env).run([
      rows(1, 9_000, { n: 1 }),
      rows(2, 9_000, { n: 2 }),
      rows(3, 1, { n: 3 }),
    ]);
    expect(env.files.map((file) => file.rows.length)).toEqual([18_001]);
  });

  test("says who wrote it, from which version on all was published, and what is open", async () => {
    const env = inMemory();
    const loop = new StageLoop(counts, env);
    await loop.run([rows(1, 1)]);
    await loop.run([rows(2, 1, {}, "b")]);
    expect(logOf(env, { stage: "p.w", partition: 0 })).toMatchObject([
      { v: 1, nonce: "nonce-1", published: 0, outputs: true, codeVersion: "code-1", counts: { open: 1 } },
      { v: 2, nonce: "nonce-2", published: 1, outputs: true, owes: false, counts: { open: 2 } },
    ]);
  });
});

describe("a batch that cannot be folded", () => {
  test("because a row is larger than a view takes fails that row alone", async () => {
    const env = inMemory();
    const wide = stageOf("p.readings", (readings) =>
      readings
        .keyBy("k")
        .window(tumbling(milliseconds(1_000_000)), { id: "w", trigger: { early: { events: 1 } } })
        .aggregate({ all: collect(9, ({ n }) => "x".repeat(n)) })
        .to(view("v", { key: (row) => row.key })),
    );
    expect(await new StageLoop(wide, env).run([events(1, reading(3), reading(200_000))])).toEqual(settled);
    expect(env.failed).toMatchObject([{ error: { code: "VIEW_TOO_LARGE" }, payload: { key: "a" } }]);
    expect(env.rows).toMatchObject([{ key: "a", row: { all: ["xxx"] } }]);
  });

  test.each<[string, (n: number) => unknown, string, string]>([
    [
      "whose sort is none",
      (n) => (n === 2 ? {} : n),
      "KEY_TYPE",
      'view "v": key and sort must be strings or numbers',
    ],
    [
      "whose sort no table takes",
      (n) => "s".repeat(n === 2 ? 2_000 : 1),
      "VIEW_TOO_LARGE",
      'view "v": a key or sort is longer than a table\'s key may be',
    ],
  ])("because of a row %s fails that row alone", async (_, sort, code, message) => {
    const env = inMemory();
    const sorted = stageOf("p.readings", (readings) =>
      readings
        .keyBy("k")
        .window(tumbling(milliseconds(1_000_000)), { id: "w", trigger: { early: { events: 1 } } })
        .aggregate({ count: count() })
        .to(view("v", { key: (row) => row.key, sort: (row) => sort(row.count) as number })),
    );
    expect(await new StageLoop(sorted, env).run([events(1, reading(1), reading(2), reading(3))])).toEqual(
      settled,
    );
    expect(env.failed).toMatchObject([{ error: { code, message }, payload: { key: "a", count: 2 } }]);
    expect(env.rows.map(({ row }) => (row as { count: number }).count).at(-1)).toBe(3);
  });

  test("because an add throws at what it has kept before fails that event alone, in each of its windows", async () => {
    const env = inMemory();
    const once = stageOf("p.readings", (readings) =>
      readings
        .keyBy("k")
        .window(hopping(milliseconds(20), milliseconds(10)), { id: "w" })
        .aggregate({
          all: custom<Reading, number[], number[]>({
            create: () => [],
            add: (all, { n }) => {
              if (all.includes(n)) throw new Error(`${n} is there`);
              all.push(n);
              return all;
            },
            merge: (a, b) => [...a, ...b],
            finish: (all) => all,
          }),
        })
        .to(view("v", { key: (row) => row.key, sort: (row) => row.window.start })),
    );
    const end = recordOf(3, { kind: "end", stream: "readings", partition: 0, sentAt: epochMs(9_000) });
    const loop = new StageLoop(once, env);
    expect(await loop.run([events(1, reading(7))])).toEqual(settled);
    expect(await loop.run([events(2, reading(7), reading(8)), end])).toEqual(settled);
    expect(env.failed).toMatchObject([{ error: { message: "7 is there" } }]);
    expect(env.rows.map(({ sort, row }) => [sort, (row as { all: number[] }).all])).toEqual([
      [-10, [7, 8]],
      [0, [7, 8]],
    ]);
  });

  test("because a row fits no record of a stream fails that row alone, by the stage's name", async () => {
    const as = (bytes: Uint8Array): Uint8Array => bytes;
    const env = inMemory({ compression: { compress: as, decompress: zstd.decompress } });
    const large = stageOf("p.readings", (readings) =>
      readings
        .map(({ k, n }) => ({ k, text: "x".repeat(n) }))
        .keyBy((one) => one.k)
        .window(tumbling(milliseconds(10)), { id: "w" })
        .aggregate({ count: count() })
        .to(view("v", { key: (row) => row.key })),
    );
    expect(await new StageLoop(large, env).run([events(1, reading(3), reading(1_100_000))])).toEqual(settled);
    expect(env.failed).toMatchObject([
      { operator: "p.readings", error: { code: "FRAME_TOO_LARGE" }, id: "shard-0:1#2", time: 1 },
    ]);
    expect(logOf(env, { stage: "p.readings", partition: 0 })).toMatchObject([
      { counts: { input: 2, failed: 1 } },
    ]);
  });

  test("for a reason that no event has is given back whole, and not tried with care", async () => {
    let maps = 0;
    const stage = counting(({ n }) => {
      maps += 1;
      return n;
    });
    const compress = (): never => {
      throw new Error("out of memory");
    };
    const env = inMemory({ compression: { ...zstd, compress } });
    expect(await new StageLoop(stage, env).run([events(1, reading(1)), events(2, reading(2))])).toEqual({
      firstFailed: "1",
      causes: [new Error("out of memory")],
    });
    expect(maps).toBe(2);
    expect(env.items.size).toBe(0);
  });

  test("because of a key that is none fails that event alone, at its place and time", async () => {
    const env = inMemory();
    const keyless = { ...reading(2), k: undefined };
    expect(await new StageLoop(source, env).run([events(7, reading(1), keyless, reading(3))])).toEqual(
      settled,
    );
    expect(env.failed).toMatchObject([
      {
        error: { code: "KEY_TYPE" },
        operator: "p.readings",
        position: "shard-0:7#1",
        time: 1,
        payload: { id: "r2", n: 2 },
      },
    ]);
    expect(logOf(env, { stage: "p.readings", partition: 0 })).toMatchObject([
      { counts: { input: 2, failed: 1 } },
    ]);
  });

  test("because a record is damaged fails that record alone", async () => {
    const env = inMemory();
    expect(await new StageLoop(source, env).run([recordOf(1, 'MRF1\0["r"'), events(2, reading(1))])).toEqual(
      settled,
    );
    expect(env.failed).toMatchObject([
      { error: { code: "FRAME_UNKNOWN" }, operator: "p.readings", position: "shard-0:1#0", time: 1_000 },
    ]);
    expect(logOf(env, { stage: "p.readings", partition: 0 })).toMatchObject([
      { counts: { input: 1, failed: 1 } },
    ]);
  });
});

describe("a warm environment", () => {
  test("looks at the log once a batch, from its own version on, and at no snapshot", async () => {
    const env = inMemory();
    const looks: unknown[] = [];
    const { log } = env;
    const loop = new StageLoop(counts, {
      ...env,
      log: {
        ...log,
        readAfter: (id, v) => {
          looks.push(v);
          return log.readAfter(id, v);
        },
        snapshot: (id) => {
          looks.push("snapshot");
          return log.snapshot(id);
        },
      },
    });
    await loop.run([rows(1, 1)]);
    expect(looks.splice(0)).toEqual(["snapshot", 0]);
    await loop.run([rows(2, 1)]);
    await loop.run([rows(3, 1)]);
    expect(looks.splice(0)).toEqual([1, 2]);
    await new StageLoop(counts, env).run([rows(4, 1)]);
    await loop.run([rows(5, 1)]);
    expect(looks).toEqual([3]);
    expect(env.rows.at(-1)).toMatchObject({ row: { count: 5 } });
  });

  test("that could not read an entry starts over, and does not go on from half of the log", async () => {
    const env = inMemory();
    let damaged = true;
    const decompress = (bytes: Uint8Array, most: number): Uint8Array => {
      if (damaged && bytes === logOf(env, { stage: "p.w", partition: 0 })[1]?.body)
        throw new Error("damaged");
      return zstd.decompress(bytes, most);
    };
    const loop = new StageLoop(counts, { ...env, compression: { ...zstd, decompress } });
    await new StageLoop(counts, env).run([rows(1, 1)]);
    await new StageLoop(counts, env).run([rows(2, 1)]);
    expect(await loop.run([rows(3, 1)])).toMatchObject({ causes: [new Error("damaged")] });
    damaged = false;
    expect(await loop.run([rows(3, 1)])).toEqual(settled);
    expect(env.rows.at(-1)).toMatchObject({ row: { count: 3 } });
    const last = logOf(env, { stage: "p.w", partition: 0 }).at(-1);
    expect(decodeEntry(last?.body ?? new Uint8Array(), zstd).counts.input).toBe(3);
  });
});
