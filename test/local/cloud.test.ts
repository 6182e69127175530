import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import type { CloudOptions } from "../../local/cloud-options.ts";

const templateDir = fileURLToPath(new URL("./template/app", import.meta.url));

let cloud: Cloud;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-cloud-"));
});
afterEach(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

const start = async (options: Partial<CloudOptions> = {}) => {
  cloud = await startCloud({ templateDir, ...options });
};

const post = (word: string) => fetch(cloud.apiUrl(`/words/${word}`), { method: "POST", body: "{}" });

/** Resolves with the first further line that starts so. */
const logged = (start: string): Promise<string> =>
  new Promise((resolve) => {
    const off = cloud.lambda.logs.onLine(({ line }) => {
      if (!line.startsWith(start)) return;
      off();
      resolve(line);
    });
  });

const timesSeen = (word: string) =>
  cloud.dynamodb.getItem({ TableName: cloud.resource("Seen")?.ref ?? "", Key: { word: { S: word } } }).Item?.[
    "times"
  ];

test("a request goes through API, function, stream and mapping into the table", async () => {
  await start();
  const seen = logged("seen hello");
  const response = await post("hello");
  expect([response.status, response.headers.get("x-words"), await response.json()]).toEqual([
    202,
    "1",
    { accepted: "hello" },
  ]);
  await seen;
  expect(timesSeen("hello")).toEqual({ N: "1" });
});

test("a mapping of a stream's consumer reads the stream", async () => {
  const file = "Words.template.json";
  const others = ["Words.assets.json", "asset.ingest", "asset.stage"];
  // links: what the functions import is found beside their real folders
  for (const other of others) symlinkSync(join(templateDir, other), join(folder, other));
  const template = JSON.parse(readFileSync(join(templateDir, file), "utf8"));
  template.Resources.Reader = {
    Type: "AWS::Kinesis::StreamConsumer",
    Properties: { ConsumerName: "reader", StreamARN: { "Fn::GetAtt": ["Words", "Arn"] } },
  };
  template.Resources.Mapping.Properties.EventSourceArn = { Ref: "Reader" };
  writeFileSync(join(folder, file), JSON.stringify(template));
  await start({ templateDir: folder });
  const seen = logged("seen hello");
  await post("hello");
  await seen;
  expect(timesSeen("hello")).toEqual({ N: "1" });
});

test("outputs are resolved, and the API's points to this machine", async () => {
  await start();
  expect(cloud.outputs).toEqual({
    Endpoint: `${cloud.url}/prod/`,
    StreamName: "Words-Words",
    QueueUrl: expect.stringContaining(cloud.url),
    BucketArn: "arn:aws:s3:::words-bodies",
  });
  expect(cloud.resource("ApiDeployment")).toMatchObject({ noEffect: expect.any(String) });
  expect(cloud.resource("Metadata")).toBeUndefined();
});

test("a function killed -9 while it runs gets its records again", async () => {
  await start();
  const seen = logged("seen slow");
  await post("slow");
  const pid = Number((await seen).split(" ")[2]);
  expect(cloud.lambda.processes()).toContainEqual({ functionName: "Words-Stage", pid, busy: true });
  const again = logged("seen slow");
  process.kill(pid, "SIGKILL");
  expect(Number((await again).split(" ")[2])).not.toBe(pid);
  expect(timesSeen("slow")).toEqual({ N: "2" });
});

test("a record that keeps failing ends in the queue, by name", async () => {
  await start();
  const [source] = cloud.sources;
  await post("poison");
  while (source?.stats().discarded !== 1) await new Promise((resolve) => setImmediate(resolve));
  const { Messages } = cloud.sqs.receiveMessage({ QueueUrl: cloud.outputs["QueueUrl"] ?? "" });
  expect(JSON.parse(Messages[0]?.Body ?? "")).toMatchObject({
    requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 2 },
    KinesisBatchInfo: { batchSize: 1 },
  });
});

test("a schedule fires at the period that the caller gives, and lines end in the log file", async () => {
  const logFile = join(folder, "functions.log");
  await start({ scheduleEveryMs: 1, logFile });
  await logged("ticked");
  await cloud.close();
  expect(readFileSync(logFile, "utf8")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z Words-Ingest ticked$/m);
});

test("nothing of a closed cloud still runs", async () => {
  await start();
  await post("hello");
  const pids = cloud.lambda.processes().map(({ pid }) => pid);
  expect(pids.length).toBeGreaterThan(0);
  await cloud.close();
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  await expect(fetch(cloud.url)).rejects.toThrow();
});
