import { describe, expect, test } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { application, lake, pipeline, view } from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { Entry } from "../../shared/protocol/entry.ts";
import { prioritiesOf } from "../../shared/protocol/priorities.ts";
import { publishEntry } from "../../shared/protocol/publish.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { readingsOf } from "../operators/one-stage.ts";
import { goldenEntries } from "./golden-state.ts";
import { type InMemory, inMemory, logOf } from "./in-memory.ts";
import { notingReceivers, settled } from "./noting-receivers.ts";

const id = { stage: "p.w", partition: 3, epoch: 1 };
const row = (view: string): Entry["views"][number] => [view, [["a", 1, { n: 1 }]]];
const entry: Entry = {
  ...(goldenEntries["empty.mre1"] as Entry),
  frames: [],
  views: [row("usual"), row("alarms"), row("late")],
  lake: [],
  failed: [],
};
const record = { partition: 0, partitions: 1, data: new Uint8Array() };
const records = new Map([
  ["p.lake", [record]],
  ["p.alerts", [record]],
]);
const priorities = {
  streams: new Map([
    ["p.lake", -5],
    ["p.alerts", 9],
  ]),
  views: new Map([
    ["alarms", 9],
    ["late", -5],
  ]),
};

describe("the outputs of a commit", () => {
  test("are published from the highest priority down, each level when the one above was acknowledged", async () => {
    const { called, answer, ports } = notingReceivers();
    const published = publishEntry(inMemory(ports), id, 12, entry, records, priorities);
    expect(called).toEqual(["p.alerts", "alarms"]);
    answer("p.alerts");
    await settled();
    expect(called).toHaveLength(2);
    answer("alarms");
    await settled();
    expect(called.slice(2)).toEqual(["usual"]);
    answer("usual");
    await settled();
    expect(called.slice(3)).toEqual(["p.lake", "late"]);
    answer("p.lake");
    answer("late");
    await published;
  });

  test("are published all at once where nothing is said", () => {
    const { called, ports } = notingReceivers();
    void publishEntry(inMemory(ports), id, 12, entry, records);
    expect(called).toEqual(["p.lake", "p.alerts", "usual+alarms+late"]);
  });

  test("below one that fails wait until it is published again", async () => {
    const { called, answer, ports } = notingReceivers();
    const published = publishEntry(inMemory(ports), id, 12, entry, records, priorities);
    answer("p.alerts");
    answer("alarms", new Error("down"));
    await expect(published).rejects.toThrow("down");
    expect(called).toEqual(["p.alerts", "alarms"]);
  });
});

describe("a stage with an alert and a lake table", () => {
  const readings = readingsOf();
  const branches = pipeline("p", (p) => {
    const keyed = p.from(readings).keyBy("k");
    keyed.to(lake("archive"), { priority: -1 });
    keyed
      .filter(({ n }) => n > 5)
      .throttle({ id: "few", per: 10 as never })
      .to(view("alerts", { key: (reading) => reading.k }), { priority: 1 });
  });
  const app = application("app", { streams: [readings], pipelines: [branches] });
  const stage = [...planApplication(app).stages.values()].find(({ id }) => id === "p.readings");
  if (stage === undefined) throw new Error("the pipeline has no source stage");

  test("has the priorities of its plan: of streams and of views, those of which nothing is said too", () => {
    expect(prioritiesOf(stage)).toEqual({
      streams: new Map([["p.lake-archive", -1]]),
      views: new Map([["alerts", 1]]),
    });
    const plain = pipeline("p", (p) => {
      const keyed = p.from(readings).keyBy("k");
      keyed.to(lake("archive"));
      keyed.to(view("all", { key: (reading) => reading.k }));
    });
    const { stages } = planApplication(application("app", { streams: [readings], pipelines: [plain] }));
    expect([...stages.values()].map((one) => [one.id, prioritiesOf(one)])).toEqual([
      ["p.readings", { streams: new Map([["p.lake-archive", 0]]), views: new Map([["all", 0]]) }],
      ["p.lake-archive", { streams: new Map(), views: new Map() }],
    ]);
  });

  const batchOf = (sequence: number): InRecord[] => [
    {
      shard: "shard-0",
      sequence: String(sequence),
      partitionKey: "0",
      arrivedAt: epochMs(0),
      data: encodeFrame(
        {
          kind: "events",
          stream: "readings",
          partition: 0,
          sentAt: epochMs(0),
          events: [[`e${sequence}`, epochMs(sequence * 100), { id: `e${sequence}`, k: "a", t: 0, n: 7 }]],
        },
        zstd,
      ),
    },
  ];
  const alertsIn = (env: InMemory): unknown[] => env.rows.map(({ version }) => version.v);
  const archivedIn = (env: InMemory): number => env.published.length;

  test("has written the alert while the lake's stream takes nothing, and commits no further until it does", async () => {
    const held = Promise.withResolvers<void>();
    const env: InMemory = inMemory({
      streams: {
        publish: async (stream, sent) => {
          await held.promise;
          env.published.push(...sent.map((one) => ({ stream, record: one })));
        },
      },
    });
    const loop = new StageLoop(stage, env);
    const first = loop.run(batchOf(1));
    await settled();
    expect(alertsIn(env)).toEqual([1]);
    const log = { stage: stage.id, partition: 0 };
    // another environment, of the next batch, must publish the entry again first: it is held up as well
    const second = new StageLoop(stage, env).run(batchOf(2));
    await settled();
    expect({ alerts: alertsIn(env), archived: archivedIn(env), entries: logOf(env, log).length }).toEqual({
      alerts: [1, 1],
      archived: 0,
      entries: 1,
    });
    held.resolve();
    await Promise.all([first, second]);
    expect({ alerts: alertsIn(env), entries: logOf(env, log).length }).toEqual({
      alerts: [1, 1, 2],
      entries: 2,
    });
  });

  test("writes the alert first again after a crash between the two", async () => {
    const order: string[] = [];
    let down = true;
    const env: InMemory = inMemory({
      views: {
        write: async (writes) => {
          for (const { version } of writes) order.push(`alert of ${version.v}`);
        },
      },
      streams: {
        publish: async (stream) => {
          if (down) throw new Error("throttled until the end of time");
          order.push(stream);
        },
      },
    });
    const { firstFailed } = await new StageLoop(stage, env).run(batchOf(1));
    expect(firstFailed).toBeDefined();
    expect(order).toEqual(["alert of 1"]);
    down = false;
    await new StageLoop(stage, env).run(batchOf(1));
    expect(order).toEqual(["alert of 1", "alert of 1", "p.lake-archive"]);
  });
});
