import { once } from "node:events";
import { connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LocalServices, startLocalServices } from "./local-services.ts";

let local: LocalServices;
const seen: object[] = [];
beforeEach(async () => {
  seen.length = 0;
  local = await startLocalServices({
    extra: (request, response, body) => {
      if (!request.url?.startsWith("/seen")) return false;
      const { method, url, headers, httpVersionMajor: version } = request;
      seen.push({
        method,
        url,
        version,
        names: Object.keys(headers),
        host: headers.host,
        bytes: body.byteLength,
      });
      response.writeHead(200, { "content-type": "text/plain" }).end("hi");
      return true;
    },
  });
});
afterEach(() => local.close());

/** One request over HTTP/2 without TLS. */
async function http2Request(path: string, body: Buffer): Promise<{ status: unknown; text: string }> {
  const session = connect(local.url);
  try {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "x-amz-target": "Kinesis_20131202.X",
    });
    const response = once(stream, "response");
    stream.end(body);
    const chunks = await stream.toArray();
    const [headers] = await response;
    return { status: headers[":status"], text: Buffer.concat(chunks).toString() };
  } finally {
    session.close();
  }
}

test("the SDK's client for Kinesis gets on with its own handler, which speaks HTTP/2", async () => {
  const kinesis = new KinesisClient({
    endpoint: local.url,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  try {
    await kinesis.send(new CreateStreamCommand({ StreamName: "orders", ShardCount: 1 }));
    const Data = Buffer.alloc(100_000, "x");
    const Records = ["a", "b", "c"].map((PartitionKey) => ({ PartitionKey, Data }));
    await Promise.all(
      [1, 2].map(() => kinesis.send(new PutRecordsCommand({ StreamName: "orders", Records }))),
    );
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: "orders",
        ShardId: "shardId-000000000000",
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    const { Records: read = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    expect(read.map((record) => record.Data?.byteLength)).toEqual(Array(6).fill(100_000));
  } finally {
    kinesis.destroy();
  }
});

test("a handler sees the same of a request, whichever protocol it came by", async () => {
  const body = Buffer.from("there");
  await fetch(`${local.url}/seen?a=1`, { method: "POST", body });
  const session = connect(local.url);
  const stream = session.request({ ":method": "POST", ":path": "/seen?a=1" });
  stream.end(body);
  expect(Buffer.concat(await stream.toArray()).toString()).toBe("hi");
  session.close();
  const common = { method: "POST", url: "/seen?a=1", host: new URL(local.url).host, bytes: 5 };
  expect(seen).toMatchObject([
    { ...common, version: 1 },
    { ...common, version: 2, names: ["host"] },
  ]);
});

test("an error is answered over HTTP/2, too", async () => {
  const unknown = await http2Request("/", Buffer.from("{}"));
  expect(unknown).toMatchObject({ status: 400, text: expect.stringContaining("UnknownOperationException") });
  const long = await http2Request("/", Buffer.alloc(17 * 1_048_576, " "));
  expect(long.status).toBe(413);
});

test("closing ends connections of either protocol, and such as have said nothing yet", async () => {
  const session = connect(local.url);
  await once(session, "connect");
  const silent = connectTcp(Number(new URL(local.url).port), "127.0.0.1");
  await once(silent, "connect");
  const ended = [once(session, "close"), once(silent, "close")];
  // a session that is cut off says so, to whom it concerns
  session.on("error", () => {});
  await fetch(`${local.url}/seen`);
  await local.close();
  await Promise.all(ended);
  await expect(fetch(`${local.url}/seen`)).rejects.toThrow("fetch failed");
});
