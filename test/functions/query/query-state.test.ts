import { Logger } from "@aws-lambda-powertools/logger";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ProxyEvent } from "../../../functions/query/request.ts";
import { createServe } from "../../../functions/query/serve.ts";
import { encodeFrame } from "../../../shared/frames/encode.ts";
import { partitionOf } from "../../../shared/frames/partitioner.ts";
import {
  application,
  count,
  epochMs,
  hours,
  lake,
  mapState,
  pipeline,
  stream,
  tumbling,
  valueState,
} from "../../../shared/index.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { StateReader } from "../../../shared/protocol/read-state.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { inMemory } from "../../protocol/in-memory.ts";

const PARTITIONS = 4;
const orders = stream("orders", {
  schema: z.object({ shop: z.union([z.string(), z.number()]), at: z.number() }),
  time: "at",
  key: "shop",
  partitions: PARTITIONS,
});
const sales = pipeline("sales", (p) => {
  const byShop = p.from(orders).keyBy("shop");
  byShop
    .window(tumbling(hours(1)), { id: "hourly", queryable: true })
    .aggregate({ orders: count() })
    .to(lake("hourly"));
  byShop
    .process({
      id: "seen",
      queryable: true,
      state: { first: valueState<bigint>(), hours: mapState<number, string>(), none: valueState<number>() },
      onEvent({ at }, { state, key }) {
        state.first.set(5n);
        state.hours.set(Math.floor(at / hours(1)), `${key} `.repeat(key === "long" ? 600_000 : 1));
        return [];
      },
    })
    .to(lake("seen"));
  byShop
    .window(tumbling(hours(1)), { id: "hidden" })
    .aggregate({ orders: count() })
    .to(lake("hidden"));
});
const planned = planApplication(application("shop", { streams: [orders], pipelines: [sales] }));
const START = 1_356_998_400_000; // 2013-01-01

describe("a query of state", () => {
  const env = inMemory();
  const serve = createServe({
    planned,
    readView: async () => ({ rows: [] }),
    readFailed: async () => ({ events: [] }),
    reader: new StateReader(env),
    logger: new Logger({ logLevel: "SILENT" }),
  });
  const ask = async (
    pathParameters: Record<string, string>,
    queryStringParameters: Record<string, string> = {},
  ) => {
    const resource = `/v1/state/{pipeline}/{operator}${"key" in pathParameters ? "/{key}" : ""}`;
    const event: ProxyEvent = { httpMethod: "GET", resource, pathParameters, queryStringParameters };
    const { statusCode, body } = await serve(event);
    return { status: statusCode, body: JSON.parse(body) };
  };
  const stage = planned.stages.get("sales.orders");
  if (stage === undefined) throw new Error("no stage");
  const loop = new StageLoop(stage, env);
  let sequence = 0;
  const feed = async (shop: string | number, at: number): Promise<void> => {
    const partition = partitionOf(shop, PARTITIONS);
    const events = [[`e${sequence}`, epochMs(at), { shop, at }] as const];
    sequence += 1;
    const data = encodeFrame(
      { kind: "events", stream: "orders", partition, sentAt: epochMs(at), events },
      env.compression,
    );
    const record = {
      shard: "s",
      sequence: String(sequence),
      partitionKey: "p",
      arrivedAt: epochMs(at),
      data,
    };
    expect((await loop.run([record])).causes).toEqual([]);
  };

  test("tells the open windows of a key, and the states of a process by name", async () => {
    expect(await ask({ pipeline: "sales", operator: "hourly", key: "north" })).toEqual({
      status: 200,
      body: { pipeline: "sales", operator: "hourly", key: "north", state: [], version: 0, watermark: null },
    });
    await feed("north", START);
    await feed("north", START + 5);
    expect(await ask({ pipeline: "sales", operator: "hourly", key: "north" })).toEqual({
      status: 200,
      body: {
        pipeline: "sales",
        operator: "hourly",
        key: "north",
        state: [{ orders: 2, key: "north", window: { start: START, end: START + hours(1) } }],
        version: 2,
        watermark: START + 5,
      },
    });
    expect((await ask({ pipeline: "sales", operator: "seen", key: "north" })).body.state).toEqual({
      first: 5,
      hours: [[START / hours(1), "north "]],
    });
  });

  test('tells 7 from "7", in the path and behind it', async () => {
    await feed(7, START + 5);
    const states = await Promise.all([
      ask({ pipeline: "sales", operator: "hourly", key: "7" }),
      ask({ pipeline: "sales", operator: "hourly", key: "7" }, { keyType: "number" }),
      ask({ pipeline: "sales", operator: "hourly" }, { key: "7", keyType: "number" }),
    ]);
    expect(states.map(({ body }) => body.state.length)).toEqual([0, 1, 1]);
  });

  test.each<[string, Record<string, string>, Record<string, string>, number, string]>([
    [
      "a pipeline that is not there",
      { pipeline: "no", operator: "hourly", key: "a" },
      {},
      404,
      "PIPELINE_UNKNOWN",
    ],
    [
      "an operator that is not there",
      { pipeline: "sales", operator: "no", key: "a" },
      {},
      404,
      "STATE_UNKNOWN",
    ],
    [
      "one that is not queryable",
      { pipeline: "sales", operator: "hidden", key: "a" },
      {},
      404,
      "STATE_UNKNOWN",
    ],
    ["no key", { pipeline: "sales", operator: "hourly" }, {}, 400, "QUERY_KEY"],
    [
      "no number",
      { pipeline: "sales", operator: "hourly", key: "a" },
      { keyType: "number" },
      400,
      "QUERY_KEY",
    ],
  ])("refuses %s", async (_, path, parameters, status, code) => {
    expect(await ask(path, parameters)).toMatchObject({ status, body: { code } });
  });

  test("refuses what no answer can hold, and what other code wrote", async () => {
    await feed("long", START);
    expect(await ask({ pipeline: "sales", operator: "seen", key: "long" })).toMatchObject({
      status: 503,
      body: { code: "STATE_LIMIT" },
    });
    const other = new StageLoop({ ...stage, versions: [["seen", "first", 2]] }, env);
    sequence += 1;
    const partition = partitionOf("north", PARTITIONS);
    const data = encodeFrame(
      { kind: "end", stream: "orders", partition, sentAt: epochMs(START) },
      env.compression,
    );
    await other.run([
      { shard: "s", sequence: String(sequence), partitionKey: "p", arrivedAt: epochMs(START), data },
    ]);
    expect(await ask({ pipeline: "sales", operator: "seen", key: "north" })).toMatchObject({
      status: 503,
      body: { code: "STATE_VERSION" },
    });
  });
});
