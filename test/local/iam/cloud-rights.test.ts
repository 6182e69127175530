import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Cloud, startCloud } from "../../../local/cloud.ts";
import type { CloudOptions } from "../../../local/cloud-options.ts";

const words = fileURLToPath(new URL("../template/app", import.meta.url));

type Statement = { Action: string | string[] };
type Resources = Record<
  string,
  {
    Type: string;
    Properties: { PolicyDocument: { Statement: Statement[] }; ManagedPolicyArns?: unknown[] };
  }
>;

let cloud: Cloud;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-rights-"));
});
afterEach(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

/** Deploys the words' app, changed. */
async function start(change: (resources: Resources) => void, options: Partial<CloudOptions> = {}) {
  // links: what the functions import is found beside their real folders
  for (const other of ["Words.assets.json", "asset.ingest", "asset.stage"])
    symlinkSync(join(words, other), join(folder, other));
  const template = JSON.parse(readFileSync(join(words, "Words.template.json"), "utf8"));
  change(template.Resources);
  writeFileSync(join(folder, "Words.template.json"), JSON.stringify(template));
  cloud = await startCloud({ templateDir: folder, ...options });
}

const without = (action: string) => (resources: Resources) => {
  const { PolicyDocument } = resources["RoleDefaultPolicy"]?.Properties ?? {
    PolicyDocument: { Statement: [] },
  };
  PolicyDocument.Statement = PolicyDocument.Statement.filter(
    ({ Action }) => ![Action].flat().includes(action),
  );
};

const post = () => fetch(cloud.apiUrl("/words/hello"), { method: "POST", body: "{}" });
/** Resolves with the first further line of a function that is the one. */
const logged = (isIt: (line: string) => boolean) =>
  new Promise<string>((resolve) => {
    const off = cloud.lambda.logs.onLine(({ line }) => {
      if (!isIt(line)) return;
      off();
      resolve(line);
    });
  });
const SESSION = "arn:aws:sts::000000000000:assumed-role/Words-Role/Words-Ingest";

test("a function's call that its role does not allow fails in the function, and is listed", async () => {
  await start(without("kinesis:PutRecord"));
  const said = logged((line) => line.includes("AccessDeniedException"));
  expect((await post()).status).toBe(502);
  expect(await said).toContain(
    `User: ${SESSION} is not authorized to perform: kinesis:PutRecord on resource: arn:aws:kinesis:us-east-1:000000000000:stream/Words-Words because no identity-based policy allows the kinesis:PutRecord action`,
  );
  expect(cloud.iam.refusals()).toEqual([
    expect.objectContaining({ principal: SESSION, action: "kinesis:PutRecord", times: 1 }),
  ]);
});

test("the same call goes through where rights are off", async () => {
  await start(without("kinesis:PutRecord"), { iam: "off" });
  expect((await post()).status).toBe(202);
  expect(cloud.iam.refused).toBe(0);
});

test("an API that the function's policy does not let in answers with 500, and the function is not run", async () => {
  await start((resources) => {
    delete resources["ApiMayInvoke"];
  });
  const answer = await post();
  expect([answer.status, await answer.json()]).toEqual([500, { message: "Internal server error" }]);
  expect(cloud.lambda.counters().invocations).toBe(0);
  expect(cloud.iam.refusals()).toEqual([
    expect.objectContaining({ principal: "apigateway.amazonaws.com", action: "lambda:InvokeFunction" }),
  ]);
});

test("a rule that the function's policy does not let in goes on, and reaches nobody", async () => {
  await start(
    (resources) => {
      delete resources["RuleMayInvoke"];
    },
    { scheduleEveryMs: 1 },
  );
  while (cloud.iam.refused < 3) await new Promise((resolve) => setImmediate(resolve));
  const rule = cloud.sources.find(({ name }) => name.includes(":rule/"));
  expect(rule?.stats()).toMatchObject({ invocations: 0, delivered: 0 });
  expect(rule?.stats().discarded).toBeGreaterThan(0);
  expect(cloud.iam.refusals()).toEqual([
    expect.objectContaining({ principal: "events.amazonaws.com", action: "lambda:InvokeFunction" }),
  ]);
});

const groups = () => cloud.logs.describeLogGroups().logGroups.map(({ logGroupName }) => logGroupName);

test("what a function logs whose role may not log is seen in the terminal, and in no log group", async () => {
  const noLogs = (resources: Resources) => {
    const { Properties } = resources["Role"] ?? {};
    if (Properties !== undefined) Properties.ManagedPolicyArns = [];
    // it reads its stream by the managed policy
    delete resources["Mapping"];
  };
  await start(noLogs, { scheduleEveryMs: 1 });
  await logged((line) => line === "ticked");
  expect(groups()).toEqual([]);
  expect(cloud.iam.refusals()).toEqual([
    expect.objectContaining({ principal: SESSION, action: "logs:CreateLogGroup" }),
  ]);
});

test("what a function logs whose role may log is in its group", async () => {
  await start(() => {}, { scheduleEveryMs: 1 });
  await logged((line) => line === "ticked");
  expect(groups()).toEqual(["/aws/lambda/Words-Ingest"]);
});
