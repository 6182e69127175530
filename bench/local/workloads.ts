import { setTimeout as sleep } from "node:timers/promises";
import type { Figure } from "../report.ts";
import { AwsJson, timed } from "./aws-json.ts";
import type { Running } from "./contestants.ts";

const SHARDS = 4;
/** Calls under way at once: as many as a feed and a few functions make. */
const AT_ONCE = 4;
const RECORD_BYTES = 200;
const RECORDS_PER_CALL = 500;

/** Writes, then reads: records of 200 bytes in four shards. */
export async function kinesisFigures(name: string, server: Running, records: number): Promise<Figure[]> {
  const aws = new AwsJson(server.url, AT_ONCE);
  const call = (operation: string, input: object) => aws.call(`Kinesis_20131202.${operation}`, input);
  const StreamName = "bench";
  await call("CreateStream", { StreamName, ShardCount: SHARDS });
  await active(async () => {
    const { StreamDescriptionSummary: summary } = await call("DescribeStreamSummary", { StreamName });
    return (summary as { StreamStatus: string }).StreamStatus;
  });
  const data = Buffer.alloc(RECORD_BYTES, "x").toString("base64");
  const spent = cpuMeter(server);
  const singles = await timed(2_000, AT_ONCE, (nth) =>
    call("PutRecord", { StreamName, Data: data, PartitionKey: `k${nth}` }),
  );
  const singlesCpu = spent();
  const batches = await timed(records / RECORDS_PER_CALL, AT_ONCE, async (nth) => {
    const Records = Array.from({ length: RECORDS_PER_CALL }, (_, i) => ({
      Data: data,
      PartitionKey: `k${nth}-${i}`,
    }));
    const { FailedRecordCount } = await call("PutRecords", { StreamName, Records });
    if (FailedRecordCount !== 0) throw new Error(`${name}: ${FailedRecordCount} records failed`);
  });
  const batchesCpu = spent();
  const memory = server.memoryMB();
  const { Shards } = (await call("ListShards", { StreamName })) as { Shards: { ShardId: string }[] };
  const startedAt = performance.now();
  const read = await Promise.all(Shards.map(({ ShardId }) => readShard(call, StreamName, ShardId)));
  const readSeconds = (performance.now() - startedAt) / 1_000;
  const readCpu = spent();
  const total = read.reduce((sum, n) => sum + n, 0);
  const batched = batches.calls * RECORDS_PER_CALL;
  if (total !== batched + singles.calls)
    throw new Error(`${name}: read ${total} of ${batched + singles.calls} records`);
  aws.close();
  return [
    { name: `${name}, PutRecord`, value: singles.calls / singles.seconds, unit: "calls/s" },
    { name: `${name}, CPU of PutRecord`, value: singlesCpu / singles.calls, unit: "µs per call" },
    { name: `${name}, PutRecords of 500`, value: batched / batches.seconds, unit: "records/s" },
    { name: `${name}, CPU of PutRecords`, value: batchesCpu / batched, unit: "µs per record" },
    { name: `${name}, memory with ${total.toLocaleString("en")} records`, value: memory, unit: "MB" },
    { name: `${name}, GetRecords`, value: total / readSeconds, unit: "records/s" },
    { name: `${name}, CPU of GetRecords`, value: readCpu / total, unit: "µs per record" },
  ];
}

/** Tells the CPU time that the server has spent since it was asked last, in microseconds. */
function cpuMeter(server: Running): () => number {
  let last = server.cpuSeconds();
  return () => {
    const now = server.cpuSeconds();
    const spent = now - last;
    last = now;
    return spent * 1e6;
  };
}

type Call = (operation: string, input: object) => Promise<Record<string, unknown>>;

async function readShard(call: Call, StreamName: string, ShardId: string): Promise<number> {
  const start = { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" };
  let { ShardIterator } = await call("GetShardIterator", start);
  for (let read = 0; ; ) {
    const page = await call("GetRecords", { ShardIterator, Limit: 10_000 });
    const { length } = page["Records"] as unknown[];
    read += length;
    if (length === 0 && page["MillisBehindLatest"] === 0) return read;
    ShardIterator = page["NextShardIterator"];
  }
}

/** Items of 1 KB, each put where none is yet, as a commit is. */
export async function dynamodbFigures(name: string, server: Running, puts: number): Promise<Figure[]> {
  const aws = new AwsJson(server.url, AT_ONCE);
  const call = (operation: string, input: object) => aws.call(`DynamoDB_20120810.${operation}`, input);
  const TableName = "bench";
  await call("CreateTable", {
    TableName,
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "v", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "v", AttributeType: "N" },
    ],
    BillingMode: "PAY_PER_REQUEST",
  });
  await active(async () => {
    const { Table } = await call("DescribeTable", { TableName });
    return (Table as { TableStatus: string }).TableStatus;
  });
  const body = Buffer.alloc(1_000, 1).toString("base64");
  const spent = cpuMeter(server);
  const { calls, seconds } = await timed(puts, AT_ONCE, (nth) =>
    call("PutItem", {
      TableName,
      Item: { pk: { S: `p${nth % 8}` }, v: { N: String(nth) }, body: { B: body } },
      ConditionExpression: "attribute_not_exists(pk)",
    }),
  );
  const cpu = spent();
  aws.close();
  return [
    { name: `${name}, conditional PutItem`, value: calls / seconds, unit: "calls/s" },
    { name: `${name}, CPU of PutItem`, value: cpu / calls, unit: "µs per call" },
  ];
}

/** One POST at a time through the REST API to a warm function, which writes to a stream and answers. */
export async function roundTripFigures(name: string, server: Running, posts: number): Promise<Figure[]> {
  const { apiUrl } = JSON.parse(server.firstLine()) as { apiUrl: string };
  const milliseconds: number[] = [];
  for (let nth = 0; nth < posts; nth++) {
    const startedAt = performance.now();
    const response = await fetch(`${apiUrl}v1/failed?pipeline=flight-delays`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${name}: the API answered ${response.status} ${text}`);
    milliseconds.push(performance.now() - startedAt);
  }
  const warm = milliseconds.slice(1).sort((a, b) => a - b);
  const at = (share: number): number => warm[Math.floor(share * (warm.length - 1))] ?? Number.NaN;
  return [
    { name: `${name}, HTTP to Lambda and back, cold`, value: milliseconds[0] ?? Number.NaN, unit: "ms" },
    { name: `${name}, HTTP to Lambda and back, median`, value: at(0.5), unit: "ms" },
    { name: `${name}, HTTP to Lambda and back, 99 of 100`, value: at(0.99), unit: "ms" },
  ];
}

async function active(status: () => Promise<string>): Promise<void> {
  while ((await status()) !== "ACTIVE") await sleep(20);
}
