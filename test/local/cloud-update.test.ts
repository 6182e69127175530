import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import type { Template, TemplateResource } from "../../local/template/cloud-assembly.ts";
import { type Resources, withProperties } from "./template/formation.ts";

const app = fileURLToPath(new URL("./template/app", import.meta.url));
/** In the project's folder, so that the functions find their packages. */
const kept = fileURLToPath(new URL("../../.millrace", import.meta.url));

let cloud: Cloud;
let folder: string;
beforeEach(() => {
  mkdirSync(kept, { recursive: true });
  folder = mkdtempSync(join(kept, "cloud-update-"));
});
afterEach(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

/** A folder with the app, its template and the code of its stage changed. */
function version(
  name: string,
  change: (resources: Resources) => Readonly<Record<string, TemplateResource>> = () => ({}),
  code: (source: string) => string = (source) => source,
): string {
  const into = join(folder, name);
  cpSync(app, into, { recursive: true });
  rewrite(join(into, "asset.stage/index.mjs"), code);
  rewrite(join(into, "Words.template.json"), (text) => {
    const template = JSON.parse(text) as Template;
    return JSON.stringify({
      ...template,
      Resources: { ...template.Resources, ...change(template.Resources) },
    });
  });
  return into;
}

const rewrite = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, "utf8")));

/** The app with other code for its stage, under another key, as the CDK gives it. */
function withOtherCode(name: string): string {
  const into = version(
    name,
    ({ Stage }) => ({ Stage: withProperties(Stage, { Code: { S3Bucket: "assets", S3Key: "cccc.zip" } }) }),
    (source) => source.replace("seen $", "met $"),
  );
  rewrite(join(into, "Words.assets.json"), (text) => text.replaceAll("bbbb", "cccc"));
  return into;
}

const post = (path: string) => fetch(cloud.apiUrl(path), { method: "POST", body: "{}" });

/** Resolves with the first further line that starts so. */
const logged = (start: string): Promise<string> =>
  new Promise((resolve) => {
    const off = cloud.lambda.logs.onLine(({ line }) => {
      if (!line.startsWith(start)) return;
      off();
      resolve(line);
    });
  });

async function say(word: string, answer = `seen ${word} `): Promise<void> {
  const line = logged(answer);
  expect((await post(`/words/${word}`)).status).toBe(202);
  await line;
}

const timesSeen = (): Readonly<Record<string, string>> => {
  const { Items = [] } = cloud.dynamodb.scan({ TableName: cloud.resource("Seen")?.ref ?? "" });
  return Object.fromEntries(Items.map(({ word, times }) => [text(word), text(times)]));
};
const text = (value: object | undefined): string => String(Object.values(value ?? {})[0]);
const pidsOf = (name: string) =>
  cloud.lambda.processes().flatMap(({ functionName, pid }) => (functionName === name ? [pid] : []));

test("other code runs from the next invocation on; what did not change keeps its processes and data", async () => {
  cloud = await startCloud({ templateDir: version("one") });
  await say("hello");
  const before = pidsOf("Words-Ingest");
  const update = await cloud.update(withOtherCode("two"));
  expect(update).toMatchObject({ updated: ["Stage"], created: [], replaced: [], deleted: [] });
  await say("hello", "met hello ");
  expect(timesSeen()).toEqual({ hello: "2" });
  expect(pidsOf("Words-Ingest")).toEqual(before);
});

test("the folder of before may go: what did not change is started from the new one", async () => {
  const one = version("one");
  cloud = await startCloud({ templateDir: one });
  await cloud.update(version("two"));
  rmSync(one, { recursive: true });
  await say("hello");
});

test("a mapping that is changed while records flow gives each to the function once", async () => {
  cloud = await startCloud({ templateDir: version("one"), limits: "off" });
  const words: string[] = [];
  let more = true;
  const sizes = [1, 2, 3].map((BatchSize) =>
    version(`size-${BatchSize}`, ({ Mapping }) => ({ Mapping: withProperties(Mapping, { BatchSize }) })),
  );
  const posting = (async () => {
    while (more) {
      const word = `w${words.length}`;
      words.push(word);
      await post(`/words/${word}`);
    }
  })();
  for (const size of sizes) {
    await logged("seen ");
    expect((await cloud.update(size)).updated).toEqual(["Mapping"]);
  }
  more = false;
  await posting;
  while (!cloud.sources.every((source) => source.caughtUp()))
    await new Promise((resolve) => setImmediate(resolve));
  expect(timesSeen()).toEqual(Object.fromEntries(words.map((word) => [word, "1"])));
});

test("an API answers on a path that is added, and not on one that is taken away", async () => {
  cloud = await startCloud({ templateDir: version("one") });
  const withNumbers = version("two", ({ ApiMayInvoke, ApiWord, ApiWordPost, ApiWords }) => ({
    ApiMayInvoke: withProperties(ApiMayInvoke, { SourceArn: undefined }),
    ApiNumbers: withProperties(ApiWords, { PathPart: "numbers" }),
    ApiNumber: withProperties(ApiWord, { ParentId: { Ref: "ApiNumbers" } }),
    ApiNumberPost: withProperties(ApiWordPost, { ResourceId: { Ref: "ApiNumber" } }),
  }));
  expect((await post("/numbers/one")).status).toBe(403);
  expect(await cloud.update(withNumbers)).toMatchObject({
    created: ["ApiNumbers", "ApiNumber", "ApiNumberPost"],
    replaced: ["ApiMayInvoke"],
  });
  expect((await post("/numbers/one")).status).toBe(202);
  expect((await cloud.update(version("three"))).deleted).toEqual([
    "ApiNumberPost",
    "ApiNumber",
    "ApiNumbers",
  ]);
  expect((await post("/numbers/one")).status).toBe(403);
});

test("an update that fails leaves a cloud that works as before", async () => {
  cloud = await startCloud({ templateDir: version("one") });
  const broken = version("two", ({ Stage, Words }) => ({
    Words: withProperties(Words, { ShardCount: 4 }),
    Stage: withProperties(Stage, { Runtime: "python3.13" }),
  }));
  await expect(cloud.update(broken)).rejects.toMatchObject({
    code: "LOCAL_UPDATE_ROLLED_BACK",
    message: expect.stringContaining("Stage (AWS::Lambda::Function).Runtime is python3.13"),
  });
  await say("hello");
});

test("updates that are asked for at once are made one after the other", async () => {
  cloud = await startCloud({ templateDir: version("one") });
  const [first, second] = await Promise.all([
    cloud.update(withOtherCode("two")),
    cloud.update(version("three")),
  ]);
  expect([first.updated, second.updated]).toEqual([["Stage"], ["Stage"]]);
  await say("hello");
});

test("closing the cloud ends an update, also one that waits for an invocation, and none is made after it", async () => {
  cloud = await startCloud({ templateDir: version("one") });
  await say("slow"); // and its invocation hangs
  const updating = cloud.update(
    version("two", ({ Mapping }) => ({ Mapping: withProperties(Mapping, { BatchSize: 3 }) })),
  );
  while (cloud.sources.some(({ name }) => name.includes(":kinesis:"))) await new Promise(setImmediate);
  await cloud.close();
  expect((await updating).updated).toEqual(["Mapping"]);
  await expect(cloud.update(version("three"))).rejects.toMatchObject({ code: "LOCAL_CLOSED" });
});
