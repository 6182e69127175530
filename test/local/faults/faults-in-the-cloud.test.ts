import { fileURLToPath } from "node:url";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordsCommand, type PutRecordsCommandOutput } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterEach, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../../../local/cloud.ts";
import type { FaultRuleInput } from "../../../local/faults/rules.ts";

const templateDir = fileURLToPath(new URL("../template/app", import.meta.url));

let cloud: Cloud;
afterEach(() => cloud.close());

const start = async (...rules: readonly FaultRuleInput[]): Promise<void> => {
  cloud = await startCloud({ templateDir, faults: { seed: 3, rules }, concurrency: 2 });
};

const post = (word: string) => fetch(cloud.apiUrl(`/words/${word}`), { method: "POST", body: "{}" });

/** Resolves when a function has logged so many lines that start so. */
function logged(start: string, times = 1): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const seen: string[] = [];
  const off = cloud.lambda.logs.onLine(({ line }) => {
    if (!line.startsWith(start)) return;
    seen.push(line);
    if (seen.length < times) return;
    off();
    resolve(seen);
  });
  return promise;
}

const client = () => ({
  endpoint: cloud.url,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
});

const PATIENT = { timeout: 120_000 };

const streamName = (): string => cloud.kinesis.listStreams().StreamNames[0] ?? "";

async function putRecords(count: number): Promise<PutRecordsCommandOutput> {
  const kinesis = new KinesisClient({ ...client(), requestHandler: new NodeHttpHandler() });
  const Records = Array.from({ length: count }, (_, i) => ({ PartitionKey: `${i}`, Data: Buffer.from("w") }));
  try {
    return await kinesis.send(new PutRecordsCommand({ StreamName: streamName(), Records }));
  } finally {
    kinesis.destroy();
  }
}

/** How many records the stream has. */
function recordCount(): number {
  const name = streamName();
  return cloud.kinesis
    .listShards({ StreamName: name })
    .Shards.reduce(
      (sum, { ShardId }) => sum + cloud.kinesis.read(name, ShardId, undefined, 1_000, 1e6).records.length,
      0,
    );
}

const struck = (): number[] => cloud.faults.counts().map((rule) => rule.struck);

describe("the admin endpoint", () => {
  const url = () => `${cloud.url}/_millrace/faults`;

  test("tells the rules and how often they struck, takes others, and ends them", async () => {
    await start();
    expect(await (await fetch(url())).json()).toEqual({ seed: 3, rules: [] });
    const rules = [{ fault: "throttle", rate: 1, service: "dynamodb", operation: "ListTables" }];
    const put = await fetch(url(), { method: "PUT", body: JSON.stringify({ seed: 9, rules }) });
    expect([put.status, await put.json()]).toEqual([200, { seed: 9, rules: [{ ...rules[0], struck: 0 }] }]);

    const dynamodb = new DynamoDBClient(client());
    await expect(dynamodb.send(new ListTablesCommand())).rejects.toMatchObject({
      name: "ProvisionedThroughputExceededException",
    });
    expect(await (await fetch(url())).json()).toMatchObject({ rules: [{ struck: 1 }] });
    await fetch(url(), { method: "DELETE" });
    await expect(dynamodb.send(new ListTablesCommand())).resolves.toMatchObject({
      TableNames: [expect.any(String)],
    });
    dynamodb.destroy();
  });

  test.each([
    ["no JSON", "{", "FAULT_RULE_INVALID"],
    ["a rate that is none", '{"rules":[{"fault":"kill","rate":7}]}', "FAULT_RULE_INVALID"],
  ])("refuses %s", async (_, body, code) => {
    await start();
    const response = await fetch(url(), { method: "PUT", body });
    expect([response.status, await response.json()]).toMatchObject([400, { code }]);
  });

  test("refuses a method that it does not know", async () => {
    await start();
    expect((await fetch(url(), { method: "POST" })).status).toBe(405);
  });
});

describe("a fault", () => {
  test("throttles a function's calls, while what the cloud does by itself goes on", async () => {
    await start({ fault: "throttle", rate: 1, service: "kinesis" });
    expect((await post("hello")).status).toBe(502);
    expect(struck()[0]).toBeGreaterThan(0);
  });

  test("loses the answer of a call that was done", async () => {
    await start({ fault: "lost-response", rate: 1, service: "kinesis", operation: "PutRecord" });
    const seen = logged("seen hello");
    expect((await post("hello")).status).toBe(502);
    await seen;
  });

  test("refuses a call with the error that the rule names, and nothing is done", async () => {
    const error = { code: "KMSDisabledException", status: 400 };
    await start({ fault: "error", rate: 1, operation: "PutRecords", ...error });
    await expect(putRecords(1)).rejects.toMatchObject({
      name: error.code,
      $metadata: { httpStatusCode: error.status },
    });
    expect(recordCount()).toBe(0);
  });

  test("fails entries of a batch call, and does the others", async () => {
    await start({ fault: "partial", rate: 1, operation: "PutRecords", share: 0.5 });
    const { Records = [], FailedRecordCount } = await putRecords(20);
    const done = Records.filter(({ ErrorCode }) => ErrorCode === undefined).length;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(20);
    expect([FailedRecordCount, recordCount()]).toEqual([20 - done, done]);
  });

  test("keeps a call waiting", async () => {
    await start({ fault: "delay", rate: 1, service: "kinesis", operation: "PutRecord", milliseconds: 300 });
    const before = performance.now();
    expect((await post("hello")).status).toBe(202);
    expect(performance.now() - before).toBeGreaterThan(290);
  });

  test("kills a process on the way, and the batch is delivered again", async () => {
    await start({ fault: "kill", rate: 1, function: "Stage", milliseconds: 0 });
    await post("hello");
    await expect.poll(() => cloud.lambda.counters().killed, PATIENT).toBeGreaterThan(0);
    const seen = logged("seen hello");
    cloud.faults.set({});
    await seen;
  });

  test("lets a process stand still, and go on", async () => {
    await start({ fault: "freeze", rate: 1, function: "Stage", milliseconds: 400 });
    const seen = logged("seen hello");
    const before = performance.now();
    await post("hello");
    await seen;
    expect(performance.now() - before).toBeGreaterThan(390);
  });

  test("delivers a batch twice", async () => {
    await start({ fault: "duplicate", rate: 1, milliseconds: 0 });
    const seen = logged("seen hello", 2);
    await post("hello");
    expect(await seen).toHaveLength(2);
  });

  test("splits and merges shards", async () => {
    await start({ fault: "reshard", rate: 1 });
    const StreamName = streamName();
    const before = cloud.kinesis.listShards({ StreamName }).Shards.length;
    await expect
      .poll(() => cloud.kinesis.listShards({ StreamName }).Shards.length, PATIENT)
      .toBeGreaterThan(before);
  });

  test("sets the clock of an environment wrong by up to five minutes", async () => {
    await start({ fault: "skew", rate: 1 });
    const seen = logged("now ");
    await post("clock");
    const [line = ""] = await seen;
    const wrong = Math.abs(Number(line.slice("now ".length)) - (performance.timeOrigin + performance.now()));
    expect(wrong).toBeGreaterThan(2_000);
    expect(wrong).toBeLessThan(302_000);
  });
});
