import { describe, expect, test } from "vitest";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { application, collect, milliseconds, pipeline, tumbling, view } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { days, epochMs } from "../../shared/time/time.ts";
import { readingsOf } from "../operators/one-stage.ts";
import { settableClock } from "./conformance/settable-clock.ts";
import { type InMemory, inMemory } from "./in-memory.ts";

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
