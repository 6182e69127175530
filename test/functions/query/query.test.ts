import { Logger } from "@aws-lambda-powertools/logger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { s3Blobs } from "../../../functions/aws/blobs.ts";
import { dynamoFailedEvents } from "../../../functions/aws/failed-events.ts";
import { dynamoFailedEventsReader } from "../../../functions/aws/read-failed-events.ts";
import { dynamoViewReader } from "../../../functions/aws/read-view.ts";
import { dynamoViews } from "../../../functions/aws/views.ts";
import type { ProxyEvent } from "../../../functions/query/request.ts";
import { createServe } from "../../../functions/query/serve.ts";
import { application, epochMs, hours, pipeline, stream, view } from "../../../shared/index.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { StateReader } from "../../../shared/protocol/read-state.ts";
import { inMemory } from "../../protocol/in-memory.ts";
import { type LocalServices, startLocalServices } from "../aws/local-services.ts";

const START = 1_356_998_400_000; // 2013-01-01
const HOUR = hours(1);
const orders = stream("orders", {
  schema: z.object({ shop: z.string(), at: z.number() }),
  time: "at",
  key: "shop",
});
const app = application("shop", {
  streams: [orders],
  pipelines: [
    pipeline("sales", (p) => {
      p.from(orders).to(view("hourly", { key: (order) => order.shop, sort: (order) => order.at }));
    }),
  ],
});

type Told = {
  readonly status: number;
  readonly body: {
    readonly code?: string;
    readonly items?: readonly Record<string, unknown>[];
    readonly cursor?: string;
  };
};

describe("query", () => {
  let services: LocalServices;
  let serve: ReturnType<typeof createServe>;
  const ask = async (event: Partial<ProxyEvent>): Promise<Told> => {
    const { statusCode, headers, body } = await serve({ httpMethod: "GET", resource: "", ...event });
    expect(headers["cache-control"]).toBe("no-store");
    return { status: statusCode, body: JSON.parse(body) };
  };
  const rows = (parameters: Record<string, string>, name = "hourly"): Promise<Told> =>
    ask({ resource: "/v1/views/{view}", pathParameters: { view: name }, queryStringParameters: parameters });
  const hoursOf = ({ body }: Told): number[] => (body.items ?? []).map(({ hour }) => Number(hour));
  const failed = (queryStringParameters: Record<string, string>): Promise<Told> =>
    ask({ resource: "/v1/failed", queryStringParameters });

  beforeAll(async () => {
    services = await startLocalServices();
    const client = services.clients.dynamodb;
    const [viewsTable, failedTable] = [services.table("sk"), services.table("sk")];
    const blobs = s3Blobs({ client: services.clients.s3, bucket: services.bucket });
    const version = { epoch: 0, v: 1 };
    await dynamoViews({ client, table: viewsTable }).write([
      ...Array.from({ length: 24 }, (_, hour) => ({
        view: "hourly",
        key: "north",
        sort: START + hour * HOUR,
        row: { hour, total: hour === 0 ? Number.NaN : 1n },
        version,
      })),
      { view: "hourly", key: 5, sort: "b", row: { hour: -1 }, version },
      ...Array.from({ length: 20 }, (_, sort) => {
        return {
          view: "hourly",
          key: "large",
          sort,
          row: { hour: sort, text: "x".repeat(380_000) },
          version,
        };
      }),
    ]);
    await dynamoFailedEvents({ client, table: failedTable, blobs }).write(
      Array.from({ length: 5 }, (_, i) => ({
        failedId: `id-${i}`,
        payload: { i, text: i === 0 ? "x".repeat(200_000) : "" },
        error: { code: "OPERATOR_FAILED", name: "TypeError", message: "no" },
        pipeline: "sales",
        stage: "sales.orders",
        operator: "map",
        position: `shard-0:1#${i}`,
        id: `e${i}`,
        time: epochMs(START),
        codeVersion: "c1",
      })),
    );
    serve = createServe({
      planned: planApplication(app),
      reader: new StateReader(inMemory()),
      readView: dynamoViewReader({ client, table: viewsTable }),
      readFailed: dynamoFailedEventsReader({ client, table: failedTable, blobs }),
      logger: new Logger({ logLevel: "SILENT" }),
    });
  });
  afterAll(() => services.close());

  test("gives the rows of a key in order, as JSON that anybody reads", async () => {
    const told = await rows({ key: "north" });
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({ view: "hourly", key: "north" });
    expect(told.body.cursor).toBeUndefined();
    expect(hoursOf(told)).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(told.body.items?.[0]?.["total"]).toBe("NaN");
  });

  test("gives no rows of a key that has none", async () => {
    expect((await rows({ key: "nobody" })).body.items).toEqual([]);
  });

  test.each<[what: string, from: string, to: string, hours: number[]]>([
    ["epoch milliseconds", String(START + HOUR), String(START + 3 * HOUR), [1, 2]],
    ["RFC 3339", "2013-01-01T01:00:00Z", "2013-01-01T05:00:00+02:00", [1, 2]],
    ["days", "2013-01-01", "2013-01-02", Array.from({ length: 24 }, (_, i) => i)],
    ["an empty range", String(START), String(START), []],
  ])("takes a half-open range in %s", async (_, from, to, expected) => {
    expect(hoursOf(await rows({ key: "north", from, to }))).toEqual(expected);
  });

  test("tells the key 5 from the key '5'", async () => {
    expect((await rows({ key: "5" })).body.items).toEqual([]);
    expect((await rows({ key: "5", keyType: "number" })).body).toEqual({
      view: "hourly",
      key: 5,
      items: [{ hour: -1 }],
    });
  });

  test("compares ends with sort values that are strings", async () => {
    const five = { key: "5", keyType: "number" };
    expect(hoursOf(await rows({ ...five, from: "a", to: "c" }))).toEqual([-1]);
    expect(hoursOf(await rows({ ...five, from: "2013", sortType: "string" }))).toEqual([-1]);
    expect(hoursOf(await rows({ ...five, to: "2013", sortType: "string" }))).toEqual([]);
  });

  test("goes on with a cursor until there is none", async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await rows({ key: "north", limit: "7", ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...hoursOf(page));
      cursor = page.body.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  test("makes a page shorter that no answer would hold", async () => {
    const seen: number[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      const page: Told = await rows({ key: "large", ...(cursor === "" ? {} : { cursor }) });
      expect(JSON.stringify(page.body).length).toBeLessThan(3_000_000);
      seen.push(...hoursOf(page));
      cursor = page.body.cursor;
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test("lists failed events of a pipeline, with payloads that are kept elsewhere", async () => {
    const first = await failed({ pipeline: "sales", limit: "3" });
    expect(first.body.items?.map(({ failedId }) => failedId)).toEqual(["id-0", "id-1", "id-2"]);
    expect(first.body.items?.[0]).toMatchObject({
      payload: { i: 0, text: "x".repeat(200_000) },
      error: { code: "OPERATOR_FAILED" },
      position: "shard-0:1#0",
    });
    const second = await failed({ pipeline: "sales", cursor: first.body.cursor ?? "" });
    expect(second.body.items?.map(({ failedId }) => failedId)).toEqual(["id-3", "id-4"]);
    expect(second.body.cursor).toBeUndefined();
  });

  test.each<[what: string, parameters: Record<string, string>, code: string]>([
    ["no key", {}, "QUERY_KEY"],
    ["a key that is no number", { key: "x", keyType: "number" }, "QUERY_KEY"],
    ["a hexadecimal key", { key: "0x10", keyType: "number" }, "QUERY_KEY"],
    ["a number beyond all", { key: "1e999", keyType: "number" }, "QUERY_KEY"],
    ["an unknown type of key", { key: "x", keyType: "date" }, "QUERY_KEY"],
    ["ends in the wrong order", { key: "x", from: "2", to: "1" }, "QUERY_RANGE"],
    ["ends of two types", { key: "x", from: "2", to: "b" }, "QUERY_RANGE"],
    ["an end that is no number", { key: "x", from: "b", sortType: "number" }, "QUERY_RANGE"],
    ["an unknown type of sort", { key: "x", sortType: "date" }, "QUERY_RANGE"],
    ["no rows at all", { key: "x", limit: "0" }, "QUERY_LIMIT"],
    ["too many rows", { key: "x", limit: "1001" }, "QUERY_LIMIT"],
    ["a fraction of a row", { key: "x", limit: "1.5" }, "QUERY_LIMIT"],
    ["an invented cursor", { key: "x", cursor: "%%%" }, "CURSOR_INVALID"],
  ])("refuses %s with %s", async (_, parameters, code) => {
    expect(await rows(parameters)).toEqual({ status: 400, body: { code, message: expect.any(String) } });
  });

  test("refuses a cursor of another query", async () => {
    const cursor = (await rows({ key: "north", limit: "1" })).body.cursor ?? "";
    expect((await rows({ key: "south", cursor })).body.code).toBe("CURSOR_INVALID");
    expect((await failed({ pipeline: "sales", cursor })).body.code).toBe("CURSOR_INVALID");
    expect((await failed({ pipeline: "sales", cursor: "e30" })).body.code).toBe("CURSOR_INVALID");
  });

  test("refuses what is not there", async () => {
    expect(await rows({ key: "x" }, "constructor")).toMatchObject({
      status: 404,
      body: { code: "VIEW_UNKNOWN" },
    });
    expect(await failed({})).toMatchObject({ status: 404, body: { code: "PIPELINE_UNKNOWN" } });
    expect(await failed({ pipeline: "no" })).toMatchObject({
      status: 404,
      body: { code: "PIPELINE_UNKNOWN" },
    });
    expect(await ask({ resource: "/v1/else" })).toMatchObject({
      status: 404,
      body: { code: "ROUTE_UNKNOWN" },
    });
    expect(await ask({ httpMethod: "POST", resource: "/v1/failed" })).toMatchObject({
      status: 405,
      body: { code: "METHOD" },
    });
  });

  test("answers 500 without telling why where a table fails", async () => {
    services.faults.plan("dynamodb", "Query", { kind: "error", code: "AccessDeniedException", status: 400 });
    const told = await rows({ key: "north" });
    expect(told).toMatchObject({ status: 500, body: { code: "UNEXPECTED" } });
  });
});
