import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { Job } from "../../local/dev/job.ts";
import { synthesize } from "../../local/dev/synthesize.ts";
import { type AccessRequest, decide } from "../../local/iam/decide.ts";
import { app as application } from "../../pipelines/index.ts";
import { systemClock } from "../../shared/time/clock.ts";

const ROOT = join(import.meta.dirname, "../..");
const LONG = 240_000;

/** What nothing in the run below needs, and why it is granted. */
const RARE: readonly (readonly [role: RegExp, action: RegExp, resource: RegExp])[] = [
  // entries older than a day, and their bodies
  [/^Stages/, /^dynamodb:BatchWriteItem$/, /Log/],
  [/^Stages/, /^s3:DeleteObject$/, /\/log\//],
  // failed events, and what is too large of them
  [/^Stages/, /^dynamodb:BatchWriteItem$/, /Failed/],
  [/^Stages|^Query/, /^s3:(Put|Get)Object$/, /\/failed\//],
  // bodies and snapshots: few partitions here have any, and fewer read them again
  [/^Stages/, /^s3:(Put|Get)Object$/, /\/(log|snapshots)\//],
  // S3 tells that an object is not there
  [/^Stages|^Query/, /^s3:ListBucket$/, /./],
  // ticks, of partitions that wait
  [/^Clock/, /^kinesis:PutRecords$/, /./],
  // a repeated or a failed request with an Idempotency-Key
  [/^Ingest/, /^dynamodb:(Delete|Update|Get)Item$/, /./],
  // a line, where something went wrong
  [/^Query|^Clock/, /^logs:/, /./],
  // API Gateway's access log, which is not modelled
  [/^ApiRestApiCloudWatchRole/, /^logs:/, /./],
];

let templateDir: string;
let work: string;
let cloud: Cloud;
/** Every call of a role that was decided. */
const calls: AccessRequest[] = [];

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "millrace-rights-"));
  templateDir = await synthesize({ root: ROOT, cache: join(ROOT, ".millrace/templates") });
  cloud = await startCloud({
    templateDir,
    batchingWindowMs: 200,
    scheduleEveryMs: 1_000,
    limits: "off",
  });
  cloud.iam.onDecision((request) => calls.push(request));
  for (const [sample, limit] of [
    ["flights", 3_000],
    ["access-log", 2_000],
    ["sensors", undefined],
  ] as const)
    await new Job(cloud, {
      application,
      sample,
      limit,
      ends: true,
      output: join(work, sample),
      clock: systemClock,
      signal: new AbortController().signal,
    }).run();
  await fetch(cloud.apiUrl("/v1/streams/flights/events"), {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": "once" },
    body: "[]",
  });
  await fetch(cloud.apiUrl("/v1/views/hourly_delays?key=JFK"));
  await fetch(cloud.apiUrl("/v1/failed?pipeline=flight-delays"));
}, LONG);

afterAll(async () => {
  await cloud.close();
  rmSync(work, { recursive: true });
});

const nameOf = (roleName: string): string => roleName.replace(/^.*?-/, "").replace(/^samples-/, "");

test("a whole run is refused nothing", () => {
  expect(cloud.iam.refusals()).toEqual([]);
});

test("every right of the shipped template is needed in a run, but for those of rare paths", () => {
  const unused = cloud.iam
    .grants()
    .flatMap(({ roleName, actions, resources, used }) =>
      actions
        .filter((action) => !used.includes(action))
        .map((action) => ({ role: nameOf(roleName), action, resources: resources.join(" ") })),
    );
  const isRare = ({ role, action, resources }: (typeof unused)[number]) =>
    RARE.some(([ofRole, ofAction, on]) => ofRole.test(role) && ofAction.test(action) && on.test(resources));
  expect(unused.filter((grant) => !isRare(grant))).toEqual([]);
});

/** What Lambda does in the name of a role to feed its function: asked for when the mapping is made. */
const OF_MAPPINGS = /^kinesis:(Describe|Get|List)|^sqs:SendMessage$/;

test("a statement that is needed cannot be taken away: some call is then refused", () => {
  for (const { arn, name } of cloud.iam.policies.roles()) {
    const statements = cloud.iam.policies.statementsOf(arn);
    const ofRole = calls.filter(({ principal }) => principal.kind === "role" && principal.arn === arn);
    const isMissed = (where: string) => {
      const without = statements.filter((statement) => statement.where !== where);
      return ofRole.some((call) => !decide(call, without, []).allowed);
    };
    const grants = cloud.iam.grants().filter(({ roleName, used }) => roleName === name && used.length > 0);
    const missed = grants.filter(({ where }) => isMissed(where));
    const others = grants.filter((grant) => !missed.includes(grant)).flatMap(({ used }) => used);
    expect(others.filter((action) => !OF_MAPPINGS.test(action))).toEqual([]);
    // the role of API Gateway's access log is the only one of no function
    if (!nameOf(name).startsWith("ApiRestApi")) expect(missed.length, name).toBeGreaterThan(0);
  }
});

describe("without", () => {
  /** The shipped template, changed, in a folder of its own. */
  function changed(change: (resources: Record<string, { Type: string; Properties: never }>) => void): string {
    const folder = mkdtempSync(join(work, "changed-"));
    const files = readdirSync(templateDir).filter((name) => /\.(template|assets)\.json$/.test(name));
    for (const file of files) cpSync(join(templateDir, file), join(folder, file));
    for (const asset of readdirSync(templateDir).filter((name) => name.startsWith("asset.")))
      cpSync(join(templateDir, asset), join(folder, asset), { recursive: true });
    const file = join(folder, files.find((name) => name.endsWith(".template.json")) ?? "");
    const template = JSON.parse(readFileSync(file, "utf8"));
    change(template.Resources);
    writeFileSync(file, JSON.stringify(template));
    return folder;
  }

  type Policy = { PolicyDocument: { Statement: { Action: string | string[] }[] } };

  test.each([
    ["kinesis:GetRecords", "EventSourceArn asks for what the role"],
    ["sqs:SendMessage", "Destination asks for what the role"],
  ])("%s in one of its roles it is not deployed", async (action, message) => {
    const folder = changed((resources) => {
      const policies = Object.entries(resources).filter(([, { Type }]) => Type === "AWS::IAM::Policy");
      const covers = (Action: string | readonly string[]) => [Action].flat().includes(action);
      for (const [id, { Properties }] of policies)
        if (id.startsWith("Stagesclimate")) {
          const { PolicyDocument } = Properties as Policy;
          PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Action }) => !covers(Action));
        }
    });
    await expect(startCloud({ templateDir: folder })).rejects.toThrow(
      expect.objectContaining({
        code: "LOCAL_ACCESS_DENIED",
        message: expect.stringMatching(new RegExp(`^Stagesclimate.*${message}.*${action}`)),
      }),
    );
  });

  test("the permission of its API, a request is answered with 500", async () => {
    const folder = changed((resources) => {
      for (const [id, { Type, Properties }] of Object.entries(resources))
        if (Type === "AWS::Lambda::Permission" && JSON.stringify(Properties).includes("/v1/failed"))
          delete resources[id];
    });
    const other = await startCloud({ templateDir: folder });
    try {
      const answer = await fetch(other.apiUrl("/v1/failed?pipeline=flight-delays"));
      expect([answer.status, await answer.json()]).toEqual([500, { message: "Internal server error" }]);
      expect(other.iam.refusals()).toEqual([
        expect.objectContaining({ principal: "apigateway.amazonaws.com", action: "lambda:InvokeFunction" }),
      ]);
    } finally {
      await other.close();
    }
  });
});
