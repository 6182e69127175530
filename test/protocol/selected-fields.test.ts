import { fc, test } from "@fast-check/vitest";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, test as plainTest } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { application, lake, pipeline, stream, trusted } from "../../shared/index.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { decodeRecord } from "../../shared/protocol/decode-record.ts";
import { foldPiece } from "../../shared/protocol/fold-piece.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { epochMs } from "../../shared/time/time.ts";

type Trip = {
  readonly who: string;
  readonly at?: number;
  readonly leg?: { readonly from: string; readonly km: number; readonly at: number };
  readonly note?: string;
};

const seen: StandardSchemaV1<unknown, Trip> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as Trip }) },
};

/** The head of a pipeline that reads some fields, over a stream whose lines are read whole, or not. */
function headOf(schema: StandardSchemaV1<unknown, Trip>, selects: number): Stage {
  const trips = stream("trips", { schema, time: ["leg.at", "at"], key: ["who"], partitions: 1 });
  const built = pipeline("p", (p) => {
    const all = p.from(trips);
    all.select("leg.km", "note").to(lake("one"));
    if (selects === 2) all.select("note", "leg.from").to(lake("two"));
  });
  const { stages } = planApplication(application("app", { streams: [trips], pipelines: [built] }));
  return stages.get("p.trips") as Stage;
}

const recordOf = (data: Uint8Array): InRecord => ({
  shard: "s",
  sequence: "1",
  partitionKey: "p",
  arrivedAt: epochMs(9_000),
  data,
});

/** What a stage makes of a record; of what it refuses, the payloads. */
async function madeOf(stage: Stage, data: Uint8Array): Promise<unknown> {
  const fold = new Fold(stage, { codeVersion: "1" });
  for (const piece of await decodeRecord(stage, recordOf(data), zstd)) foldPiece(fold, piece);
  const { feeds, failed } = fold.outputs;
  return { feeds: [...feeds], refused: failed.map(({ payload }) => payload), time: fold.time() };
}

const trip = fc.record(
  {
    who: fc.constantFrom<unknown>("ann", "bob", 7, null),
    at: fc.constantFrom<unknown>(1, 2, "1970-01-01T00:00:05Z", "no time"),
    leg: fc.constantFrom<unknown>(
      { from: "x", km: 5, at: 3 },
      { km: 6, at: 4 },
      { from: "y" },
      null,
      [1],
      "none",
    ),
    note: fc.string({ unit: "grapheme" }),
    more: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: [] },
);
const line = fc.oneof(
  { weight: 8, arbitrary: trip.map((one) => JSON.stringify(one)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "  ", "{", '{"who":"ann","at":1}}', "5", "null", '"text"', "[]"),
  },
);

describe("selected fields", () => {
  test.prop([fc.array(line, { maxLength: 8 }), fc.constantFrom(1, 2), fc.constantFrom("", "\ufeff")])(
    "are the same whether a raw record is read whole or in part",
    async (lines, selects, mark) => {
      const data = new TextEncoder().encode(mark + lines.join("\n"));
      expect(await madeOf(headOf(trusted<Trip>(), selects), data)).toEqual(
        await madeOf(headOf(seen, selects), data),
      );
    },
  );

  test.prop([fc.array(trip, { maxLength: 6 })])(
    "are all that is left of an event in a frame",
    async (trips) => {
      const events = trips.map((one, i) => [`e${i}`, epochMs(i), { ...one, who: "ann" }] as const);
      const frame = { kind: "events", stream: "trips", partition: 0, sentAt: epochMs(1), events } as const;
      const lines = trips.map((one, i) =>
        JSON.stringify({ ...one, leg: pick(one.leg, "km", "from"), who: "ann", at: i }),
      );
      for (const selects of [1, 2])
        expect(feedsOf(await madeOf(headOf(trusted<Trip>(), selects), encodeFrame(frame, zstd)))).toEqual(
          feedsOf(await madeOf(headOf(seen, selects), new TextEncoder().encode(lines.join("\n")))),
        );
    },
  );

  const linesOf = async (schema: StandardSchemaV1<unknown, Trip>, text: string) => {
    const pieces = await decodeRecord(headOf(schema, 1), recordOf(new TextEncoder().encode(text)), zstd);
    return pieces.flatMap(({ content }) => (content.kind === "events" ? [content] : []));
  };

  plainTest("of a line leave it its number as an id", async () => {
    const text = '{"who":"ann","at":1}\n\n{"who":"bob","at":2}';
    for (const schema of [seen, trusted<Trip>()]) {
      const [content] = await linesOf(schema, text);
      expect(content?.events.map(([id, time]) => [id, time])).toEqual([
        ["s:1#0", 1],
        ["s:1#2", 2],
      ]);
    }
  });

  plainTest("of a line that is no event leave the first 100,000 characters of it to see", async () => {
    for (const schema of [seen, trusted<Trip>()]) {
      const [content] = await linesOf(schema, `{"who":${"ß".repeat(450_000)}`);
      expect(content?.refused?.map(({ payload }) => payload)).toEqual([`{"who":${"ß".repeat(99_993)}`]);
    }
  });

  // each shares some bytes with a byte order mark, which is EF BB BF
  plainTest.each(["ỿ", "＿", "ﻀ", "a¿", "˿"])(
    "of a record that begins with %s are looked for from there on",
    async (start) => {
      for (const schema of [seen, trusted<Trip>()]) {
        const [content] = await linesOf(schema, `${start}{}`);
        expect(content?.refused?.map(({ payload }) => payload)).toEqual([`${start}{}`]);
      }
    },
  );

  plainTest("decide alone what the stage is given", () => {
    const readsOf = (schema: StandardSchemaV1<unknown, Trip>, selects: number) => {
      const { input } = headOf(schema, selects);
      return input.kind === "source" ? input.reads : undefined;
    };
    const leg = (...names: readonly string[]) => new Map(names.map((name) => [name, true]));
    expect(readsOf(seen, 1)).toEqual(
      new Map<string, unknown>([
        ["leg", leg("km")],
        ["note", true],
      ]),
    );
    expect(readsOf(seen, 2)).toEqual(
      new Map<string, unknown>([
        ["leg", leg("km", "from")],
        ["note", true],
      ]),
    );
  });
});

/** Without a time of its own, a leg leaves the time to the trip. */
function pick(value: unknown, ...names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}

/** Rows by table, without the ids that records give. */
const feedsOf = (made: unknown): unknown => (made as { feeds: unknown }).feeds;
