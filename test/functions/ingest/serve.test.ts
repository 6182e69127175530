import { gzipSync } from "node:zlib";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { CreateTableCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Context } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../../../functions/aws/answer.ts";
import { IdempotencyStore } from "../../../functions/aws/idempotency-store.ts";
import { kinesisStreams } from "../../../functions/aws/streams.ts";
import { zstd } from "../../../functions/aws/zstd.ts";
import { createObserver, type Observer } from "../../../functions/ingest/observe.ts";
import { createOnce } from "../../../functions/ingest/once.ts";
import type { ProxyEvent } from "../../../functions/ingest/request.ts";
import { createServe } from "../../../functions/ingest/serve.ts";
import type { Fault } from "../../../local/models/faults.ts";
import type { WireEvent } from "../../../shared/events/event.ts";
import { decodeFrame } from "../../../shared/frames/decode.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { type LocalServices, startLocalServices } from "../aws/local-services.ts";
import { JSON_TYPE, lines, NDJSON, type Posted, posted, source } from "./fixture.ts";

const TABLE = "idempotency";
const context = { getRemainingTimeInMillis: () => 10_000 } as Context;

/** The real SDK clients against the services in memory. */
describe("ingest", () => {
  let services: LocalServices;
  let serve: (event: ProxyEvent, context: Context) => Promise<Answer>;
  let stream: string;
  let streams = 0;
  const seen: Parameters<Observer["judged"]>[] = [];
  const refused: string[] = [];

  beforeAll(async () => {
    services = await startLocalServices();
    await services.clients.dynamodb.send(
      new CreateTableCommand({
        TableName: TABLE,
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  });
  afterAll(() => services.close());

  beforeEach(() => {
    seen.length = 0;
    refused.length = 0;
    stream = `orders-${streams++}`;
    services.kinesis.createStream({ StreamName: stream, ShardCount: 2 });
    const { kinesis, dynamodb } = services.clients;
    const clock = systemClock;
    const logger = new Logger({ logLevel: "SILENT" });
    // a deadline that has passed: what the first call does not place is reported at once
    const deadline = () => clock.now();
    const nameOf = () => stream;
    serve = createServe({
      sources: new Map([["orders", source]]),
      ports: {
        streams: kinesisStreams({ client: kinesis, clock, nameOf, deadline }),
        compression: zstd,
        clock,
      },
      once: createOnce(new IdempotencyStore({ client: dynamodb, table: TABLE, clock })),
      observer: {
        judged: (...outcome) => seen.push(outcome),
        refused: (_, code) => refused.push(code),
      },
      logger,
    });
  });

  const send = async (request: Posted): Promise<{ status: number; body: Record<string, unknown> }> => {
    const { statusCode, body } = await serve(posted(request), context);
    return { status: statusCode, body: JSON.parse(body) };
  };
  const events = (): WireEvent[] =>
    services.kinesis.listShards({ StreamName: stream }).Shards.flatMap(({ ShardId }) => {
      const from = { StreamName: stream, ShardId, ShardIteratorType: "TRIM_HORIZON" } as const;
      const { ShardIterator = "" } = services.kinesis.getShardIterator(from);
      return services.kinesis.getRecords({ ShardIterator }).Records.flatMap(({ Data }) => {
        const frame = decodeFrame(Data, zstd);
        return frame?.kind === "events" ? frame.events : [];
      });
    });
  const records = async (): Promise<number> =>
    (await services.clients.dynamodb.send(new ScanCommand({ TableName: TABLE }))).Count ?? 0;
  const order = { shop: "north", at: 1 };
  const body = lines(order, "{", order);

  test("answers 202 once Kinesis has the events, and writes no record of the request", async () => {
    const headers = { ...NDJSON, "Content-Encoding": "gzip" };
    expect(await send({ body: gzipSync(body), headers })).toMatchObject({
      status: 202,
      body: { accepted: 2, rejected: [{ index: 1, code: "EVENT_JSON" }] },
    });
    expect(events()).toHaveLength(2);
    expect(await records()).toBe(0);
    expect(seen).toMatchObject([["orders", { accepted: 2, unplaced: [] }]]);
  });

  test("gives a repeat with the same Idempotency-Key the first verdict, and takes nothing again", async () => {
    const request = { body, headers: { ...NDJSON, "Idempotency-Key": "once" } };
    const first = await send(request);
    expect(first.status).toBe(202);
    expect(await send(request)).toEqual(first);
    expect(events().map(([id]) => id)).toEqual(["once/0", "once/2"]);
    expect(seen.map(([, { accepted }]) => accepted)).toEqual([2, 0]);
  });

  test("refuses an Idempotency-Key that comes with another body", async () => {
    const headers = { ...NDJSON, "Idempotency-Key": "reused" };
    await send({ body, headers });
    expect(await send({ body: lines(order), headers })).toMatchObject({
      status: 422,
      body: { code: "IDEMPOTENCY_KEY" },
    });
    expect(events()).toHaveLength(2);
  });

  test("tells a second request that comes while the first is worked on to wait", async () => {
    const request = { body, headers: { ...NDJSON, "Idempotency-Key": "both" } };
    const answers = await Promise.all([send(request), send(request)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    expect(events()).toHaveLength(2);
  });

  test.each(["", "k".repeat(201), "\ud800"])("refuses the Idempotency-Key %j", async (key) => {
    const { status, body: told } = await send({ body, headers: { ...NDJSON, "Idempotency-Key": key } });
    expect([status, told["code"]]).toEqual([422, "IDEMPOTENCY_KEY"]);
    expect(events()).toEqual([]);
  });

  test("reports events that a throttled stream did not take, and takes them when they come again", async () => {
    const before = await records();
    services.faults.plan("kinesis", "PutRecords", { kind: "partial", failed: [0] });
    const request = { body, headers: { ...NDJSON, "Idempotency-Key": "again" } };
    expect(await send(request)).toMatchObject({
      status: 503,
      body: { code: "PUBLISH_FAILED", accepted: 0, unplaced: [0, 2], rejected: [{ index: 1 }] },
    });
    expect(await records()).toBe(before);
    expect(await send(request)).toMatchObject({ status: 202, body: { accepted: 2 } });
    expect(events().map(([id]) => id)).toEqual(["again/0", "again/2"]);
  });

  test("does not keep a verdict that is too long to keep", async () => {
    const long = { body: "{}\n".repeat(5_000), headers: { ...NDJSON, "Idempotency-Key": "long" } };
    const before = await records();
    expect((await send(long)).body["rejected"]).toHaveLength(5_000);
    expect((await send(long)).body["rejected"]).toHaveLength(5_000);
    expect(await records()).toBe(before);
  });

  test("refuses what it cannot read, and counts it", async () => {
    expect(await send({ body: "{", headers: JSON_TYPE })).toMatchObject({
      status: 400,
      body: { code: "BODY_JSON" },
    });
    const nowhere = { ...posted({ body: "{}" }), pathParameters: null };
    expect((await serve(nowhere, context)).statusCode).toBe(404);
    const wrongMethod = await serve({ ...posted({ body: "{}" }), httpMethod: "DELETE" }, context);
    expect([wrongMethod.statusCode, wrongMethod.headers["allow"]]).toEqual([405, "POST"]);
    expect(refused).toEqual(["BODY_JSON", "STREAM_UNKNOWN", "METHOD"]);
  });

  test("answers 500 without telling why where the idempotency table is out of reach", async () => {
    const denied: Fault = { kind: "error", code: "AccessDeniedException", status: 400 };
    services.faults.plan("dynamodb", "PutItem", denied);
    expect(await send({ body, headers: { ...NDJSON, "Idempotency-Key": "denied" } })).toEqual({
      status: 500,
      body: { code: "UNEXPECTED", message: expect.any(String) },
    });
    expect(events()).toEqual([]);
  });
});

test("metrics are told per stream, and never for a stream that somebody made up", () => {
  const lines: Record<string, unknown>[] = [];
  const metrics = new Metrics({ namespace: "Millrace", serviceName: "ingest" });
  metrics["console"].log = (line: string) => lines.push(JSON.parse(line));
  const observer = createObserver(new Logger({ logLevel: "SILENT" }), metrics);
  const answer = { statusCode: 202, headers: {}, body: "" };
  const rejected = [{ index: 0, code: "EVENT_JSON", message: "no" } as const];
  observer.judged("orders", { answer, accepted: 3, rejected, unplaced: [1] });
  observer.refused("made-up", "STREAM_UNKNOWN");
  expect(lines).toMatchObject([
    { stream: "orders", EventsAccepted: 3, EventsRejected: 1, EventsUnplaced: 1 },
    { RequestsRefused: 1 },
  ]);
  expect(lines[1]).not.toHaveProperty("stream");
});
