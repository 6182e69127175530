import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Cloud, startCloud } from "../../../local/cloud.ts";
import type { CloudOptions } from "../../../local/cloud-options.ts";
import type { Template, TemplateResource } from "../../../local/template/cloud-assembly.ts";
import { messageOf } from "../../../shared/errors/millrace-error.ts";

const APP = fileURLToPath(new URL("../template/app", import.meta.url));

let cloud: Cloud;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-kept-"));
});
afterEach(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

const failures: string[] = [];
const start = async (options: Partial<CloudOptions> = {}): Promise<void> => {
  const persist = {
    folder: join(folder, "data"),
    onFailure: (error: unknown) => failures.push(messageOf(error)),
  };
  cloud = await startCloud({ templateDir: APP, limits: "off", persist, ...options });
};
const restart = async (options: Partial<CloudOptions> = {}): Promise<void> => {
  await cloud.close();
  await start(options);
};

/** A folder with the app, whose resources are others. */
function version(
  name: string,
  change: (resources: Template["Resources"]) => Record<string, TemplateResource>,
): string {
  const into = mkdtempSync(join(folder, name));
  // links: what the functions import is found beside their real folders
  for (const other of ["Words.assets.json", "asset.ingest", "asset.stage"])
    symlinkSync(join(APP, other), join(into, other));
  const template = JSON.parse(readFileSync(join(APP, "Words.template.json"), "utf8")) as Template;
  writeFileSync(
    join(into, "Words.template.json"),
    JSON.stringify({ ...template, Resources: change(template.Resources) }),
  );
  return into;
}

/** Resolves with the first further line that starts so. */
const logged = (start: string): Promise<string> =>
  new Promise((resolve) => {
    const off = cloud.lambda.logs.onLine(({ line }) => {
      if (!line.startsWith(start)) return;
      off();
      resolve(line);
    });
  });

/** Resolves once the word was counted and its batch is over. */
async function see(word: string): Promise<void> {
  const seen = logged(`seen ${word}`);
  await fetch(cloud.apiUrl(`/words/${word}`), { method: "POST", body: "{}" });
  await seen;
  while (!cloud.sources.every((source) => source.caughtUp())) await turn();
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const refOf = (logicalId: string): string => cloud.resource(logicalId)?.ref ?? "";
const timesSeen = (word: string): string | undefined => {
  const { Item } = cloud.dynamodb.getItem({ TableName: refOf("Seen"), Key: { word: { S: word } } });
  const times = Item?.["times"];
  return times !== undefined && "N" in times ? times.N : undefined;
};
const recordsIn = (stream: string): number =>
  cloud.kinesis
    .listShards({ StreamName: stream })
    .Shards.reduce(
      (sum, { ShardId }) => sum + cloud.kinesis.read(stream, ShardId, undefined, 1_000, 1e9).records.length,
      0,
    );

test("a cloud that is started again has its records and rows, and its mappings go on where they were", async () => {
  await start();
  await see("hello");
  await restart();
  expect(recordsIn(refOf("Words"))).toBe(1);
  await see("world");
  // what the mapping had delivered before it did not deliver again
  expect([timesSeen("hello"), timesSeen("world")]).toEqual(["1", "1"]);
  expect(failures).toEqual([]);
});

test("what nobody had read yet is delivered after the restart", async () => {
  const paused = version("paused", ({ Mapping, ...others }) => ({
    ...others,
    Mapping: { ...Mapping, Properties: { ...Mapping?.Properties, Enabled: false } } as TemplateResource,
  }));
  await start({ templateDir: paused });
  await fetch(cloud.apiUrl("/words/later"), { method: "POST", body: "{}" });
  expect(timesSeen("later")).toBeUndefined();
  await cloud.close();
  await start();
  while (timesSeen("later") === undefined) await turn();
  expect(timesSeen("later")).toBe("1");
});

test("a template that was changed between two runs is an update: data stay, what is gone goes", async () => {
  const more = version("more", (resources) => ({
    ...resources,
    Extra: { Type: "AWS::SQS::Queue", Properties: {} },
    Names: { Type: "AWS::Kinesis::Stream", Properties: { ShardCount: 1 } },
  }));
  await start({ templateDir: more });
  await see("hello");
  expect(cloud.kinesis.listStreams().StreamNames).toEqual(["Words-Names", "Words-Words"]);
  const longer = version("longer", ({ Words, ...others }) => ({
    ...others,
    Words: { ...Words, Properties: { ShardCount: 3, RetentionPeriodHours: 48 } } as TemplateResource,
  }));
  await restart({ templateDir: longer });
  expect(cloud.kinesis.listStreams().StreamNames).toEqual(["Words-Words"]);
  expect(cloud.sqs.listQueues().QueueUrls.map((url) => url.split("/").at(-1))).toEqual(["Words-Failed"]);
  const { StreamDescriptionSummary } = cloud.kinesis.describeStreamSummary({ StreamName: "Words-Words" });
  expect(StreamDescriptionSummary).toMatchObject({ RetentionPeriodHours: 48, OpenShardCount: 3 });
  expect([recordsIn("Words-Words"), timesSeen("hello")]).toEqual([1, "1"]);
});

test("a resource that took another one's place has its name after the restart, too", async () => {
  await start();
  const other = version("other", ({ Seen, ...others }) => ({
    ...others,
    Seen: {
      ...Seen,
      Properties: {
        ...Seen?.Properties,
        KeySchema: [
          { AttributeName: "word", KeyType: "HASH" },
          { AttributeName: "by", KeyType: "RANGE" },
        ],
        AttributeDefinitions: ["word", "by"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      },
    } as TemplateResource,
  }));
  await cloud.update(other);
  expect(refOf("Seen")).toBe("Words-Seen-2");
  const Item = { word: { S: "a" }, by: { S: "b" } };
  cloud.dynamodb.putItem({ TableName: "Words-Seen-2", Item });
  await restart({ templateDir: other });
  expect(cloud.dynamodb.scan({ TableName: refOf("Seen") }).Items).toEqual([Item]);
  await cloud.update(APP);
  expect(refOf("Seen")).toBe("Words-Seen-3");
});

test("two clouds cannot keep their data in one folder", async () => {
  await start();
  const first = cloud;
  // the process is the same, so that the lock is that of another one only by what stands in it
  writeFileSync(join(folder, "data", "lock"), String(process.ppid));
  await expect(start()).rejects.toMatchObject({ code: "PERSIST_FOLDER" });
  cloud = first;
});
