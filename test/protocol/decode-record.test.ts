import { describe, expect, test } from "vitest";
import { z } from "zod";
import { zstd } from "../../functions/aws/zstd.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import type { Frame } from "../../shared/frames/frame.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import { application, lake, pipeline, stream } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { decodeRecord } from "../../shared/protocol/decode-record.ts";
import type { InRecord, Piece } from "../../shared/protocol/record.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { inMemory } from "./in-memory.ts";

const visits = stream("visits", {
  schema: z.object({ who: z.string().optional(), at: z.union([z.int(), z.string()]).optional() }),
  time: (visit) => visit.at as string,
  key: (visit) => visit.who as string,
  partitions: 4,
});
const { stages } = planApplication(
  application("app", {
    streams: [visits],
    pipelines: [pipeline("p", (p) => p.from(visits).to(lake("all")))],
  }),
);
const source = stages.get("p.visits") as Stage;
const files = stages.get("p.lake-all") as Stage;

const recordOf = (data: Uint8Array | string): InRecord => ({
  shard: "shard-1",
  sequence: "7",
  partitionKey: "producer",
  arrivedAt: epochMs(5_000),
  data: typeof data === "string" ? new TextEncoder().encode(data) : data,
});
const framed = (frame: Frame): InRecord => recordOf(encodeFrame(frame, zstd));
const decode = (stage: Stage, record: InRecord): Promise<Piece[]> => decodeRecord(stage, record, zstd);
const sentAt = epochMs(4_000);
const owner = partitionOf("producer", 4);

describe("a frame", () => {
  test("of events is one piece for its partition", async () => {
    const events = [["e1", epochMs(1), { who: "ann" }]] as const;
    expect(
      await decode(source, framed({ kind: "events", stream: "visits", partition: 2, sentAt, events })),
    ).toMatchObject([{ partition: 2, sentAt: 4_000, content: { kind: "events", events } }]);
  });

  test.each(["tick", "end"] as const)("that is a %s is one", async (kind) => {
    expect(await decode(source, framed({ kind, stream: "visits", partition: 3, sentAt }))).toMatchObject([
      { partition: 3, content: { kind } },
    ]);
  });

  test("of rows names its channel and counter", async () => {
    const rows = [[0, "ann", epochMs(1), { who: "ann" }]] as const;
    const frame: Frame = {
      kind: "rows",
      stage: "p.visits",
      from: 3,
      to: 0,
      counter: 9,
      watermark: epochMs(1),
      sentAt,
      rows,
    };
    expect(await decode(files, framed(frame))).toMatchObject([
      { partition: 0, content: { kind: "rows", channel: "p.visits/3", counter: 9, watermark: 1, rows } },
    ]);
  });

  const rows = {
    kind: "rows",
    stage: "p.visits",
    from: 0,
    to: 0,
    counter: 1,
    watermark: epochMs(0),
    sentAt,
    rows: [],
  } as const;
  const there = "does not belong here:";
  test.each<[string, Stage, Frame, string]>([
    [
      "another stream",
      source,
      { kind: "events", stream: "orders", partition: 0, sentAt, events: [] },
      'it belongs to stream "orders"',
    ],
    [
      "a partition that is not there",
      source,
      { kind: "tick", stream: "visits", partition: 4, sentAt },
      "it is for partition 4 of 4",
    ],
    [
      "a stage that does not feed this one",
      files,
      { ...rows, stage: "p.other" },
      'it comes from stage "p.other", partition 0',
    ],
    [
      "a sender's partition that is not there",
      files,
      { ...rows, from: 4 },
      'it comes from stage "p.visits", partition 4',
    ],
    [
      "events, in the stream of a stage that is fed by others",
      files,
      { kind: "events", stream: "p.lake-all", partition: 0, sentAt, events: [["e1", epochMs(1), {}]] },
      "it has events, not rows",
    ],
    ["a partition of another count", files, { ...rows, to: 1 }, "it is for partition 1 of 1"],
    ["a stage, in a source stream", source, rows, 'it comes from stage "p.visits", partition 0'],
  ])("of %s is kept as a failed event", async (_, stage, frame, why) => {
    expect(await decode(stage, framed(frame))).toMatchObject([
      {
        content: {
          kind: "poison",
          error: {
            code: "EVENT_MISPLACED",
            next: "dead-lettered",
            message: `stage "${stage.id}": record 7 of shard-1 ${there} ${why}`,
          },
        },
      },
    ]);
  });

  test("of any of the stages that feed this one is taken", async () => {
    const more = stream("more", { schema: z.object({}), key: () => "all", partitions: 3 });
    const few = stream("few", { schema: z.object({}), key: () => "all", partitions: 2 });
    const both = pipeline("both", (p) => p.from(more).union(p.from(few)).to(lake("all")));
    const planned = planApplication(application("app", { streams: [more, few], pipelines: [both] }));
    const taken = planned.stages.get("both.lake-all") as Stage;
    const of = (stage: string, from: number): Promise<Piece[]> =>
      decode(taken, framed({ ...rows, stage, from }));
    expect(await of("both.more", 2)).toMatchObject([{ content: { channel: "both.more/2" } }]);
    expect(await of("both.few", 1)).toMatchObject([{ content: { channel: "both.few/1" } }]);
    expect(await of("both.few", 2)).toMatchObject([{ content: { kind: "poison" } }]);
  });

  test("of a tick or an end is for a stage that is fed by others, too", async () => {
    expect(
      await decode(files, framed({ kind: "end", stream: files.id, partition: 0, sentAt })),
    ).toMatchObject([{ partition: 0, content: { kind: "end" } }]);
  });
});

describe("a record that is no frame", () => {
  test("is read as JSON, one event a line, each for the partition of its key", async () => {
    const pieces = await decode(
      source,
      recordOf('{"who":"ann","at":1}\n\n{"who":"bob","at":"1970-01-01T00:00:00.002Z"}\n{"who":"ann","at":3}'),
    );
    const eventsOf = (who: string): unknown =>
      pieces.find(({ partition }) => partition === partitionOf(who, 4))?.content;
    expect(eventsOf("ann")).toMatchObject({
      events: expect.arrayContaining([
        ["shard-1:7#0", 1, { who: "ann", at: 1 }],
        ["shard-1:7#3", 3, { who: "ann", at: 3 }],
      ]),
    });
    expect(eventsOf("bob")).toMatchObject({
      events: expect.arrayContaining([["shard-1:7#2", 2, { who: "bob", at: "1970-01-01T00:00:00.002Z" }]]),
    });
  });

  test("and holds lines that are no events makes of each a failed event, and its neighbours go on", async () => {
    const lines = ["{", '{"who":5,"at":1}', '{"who":"ann"}', '{"at":1}', `{"who":"ann","at":4}`];
    const pieces = await decode(source, recordOf(lines.join("\n")));
    expect(pieces.flatMap(({ content }) => (content.kind === "events" ? content.events : []))).toEqual([
      ["shard-1:7#4", 4, { who: "ann", at: 4 }],
    ]);
    const refused = pieces.find(({ partition }) => partition === owner)?.content;
    expect(refused).toMatchObject({
      refused: [
        { payload: "{", error: expect.any(SyntaxError) },
        {
          payload: lines[1],
          error: {
            code: "EVENT_SCHEMA",
            next: "dead-lettered",
            message: expect.stringMatching(/^the event does not fit its schema: .*expected string/),
          },
        },
        {
          payload: lines[2],
          error: {
            code: "EVENT_TIME",
            next: "dead-lettered",
            message: "the event's time is missing or no time",
          },
        },
        { payload: lines[3], error: { code: "KEY_TYPE" } },
      ],
    });
  });

  test("may hold lines with nothing in them, which are no events", async () => {
    const pieces = await decode(source, recordOf('\n  \n{"who":"ann","at":1}\n\t\n'));
    expect(pieces).toMatchObject([
      { content: { kind: "events", events: [["shard-1:7#2", 1, { who: "ann", at: 1 }]], refused: [] } },
    ]);
  });

  test("has the time at which it arrived where its stream declares none", async () => {
    const untimed = stream("untimed", { schema: z.object({}), key: () => "all", partitions: 1 });
    const built = pipeline("u", (p) => p.from(untimed).to(lake("all")));
    const planned = planApplication(application("app", { streams: [untimed], pipelines: [built] }));
    expect(await decode(planned.stages.get("u.untimed") as Stage, recordOf("{}"))).toMatchObject([
      { sentAt: 5_000, content: { events: [["shard-1:7#0", 5_000, {}]] } },
    ]);
  });

  test("keeps the first 100,000 characters of a line that is no event", async () => {
    const [piece] = await decode(source, recordOf(`{"who":${"x".repeat(200_000)}`));
    expect(piece?.content).toMatchObject({ refused: [{ payload: expect.stringMatching(/^.{100000}$/) }] });
  });

  test("makes one piece for a partition, whatever it holds, so that none of it counts as a repeat", async () => {
    const who = ["ann", "bob", "cid", "dan", "eve", "fay"].find((name) => partitionOf(name, 4) === owner);
    const env = inMemory();
    const loop = new StageLoop(source, env);
    const record = recordOf(["{", `{"who":"${who}","at":1}`, "["].join("\n"));
    expect(await loop.run([record, record])).toEqual({ firstFailed: undefined, causes: [] });
    expect(env.failed.map(({ payload, time }) => [payload, time])).toEqual([
      ["{", 5_000],
      ["[", 5_000],
    ]);
    expect(env.published).toHaveLength(1);
  });

  test("and no UTF-8 is kept as a failed event of its own", async () => {
    expect(await decode(source, recordOf(Uint8Array.of(0x22, 0xff, 0x22)))).toMatchObject([
      { partition: owner, content: { kind: "poison" } },
    ]);
  });

  test("does not belong on an internal stream", async () => {
    expect(await decode(files, recordOf("{}"))).toMatchObject([
      {
        content: {
          kind: "poison",
          payload: "{}",
          error: {
            code: "EVENT_MISPLACED",
            message: 'stage "p.lake-all": record 7 of shard-1 does not belong here: it is no frame',
          },
        },
      },
    ]);
  });

  test.each([
    ["a frame of a later version", "MRF9\0[]"],
    ["a damaged frame", 'MRF1\0["r"'],
  ])("%s is kept as a failed event, not read as JSON", async (_, text) => {
    expect(await decode(source, recordOf(text))).toMatchObject([
      { content: { kind: "poison", error: { code: "FRAME_UNKNOWN" } } },
    ]);
  });
});
