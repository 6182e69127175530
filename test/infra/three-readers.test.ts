import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { App } from "aws-cdk-lib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MillraceStack } from "../../infra/stacks/millrace-stack.ts";
import { loadStacks } from "../../local/template/cloud-assembly.ts";
import { CloudFormation } from "../../local/template/cloudformation.ts";
import { services } from "../local/template/services.ts";
import { samplePlan } from "./sample-plan.ts";
import { stubFunctions } from "./stub-functions.ts";

let outdir: string;
let functions: string;
beforeAll(() => {
  outdir = mkdtempSync(join(tmpdir(), "millrace-assembly-"));
  functions = stubFunctions();
});
afterAll(() => {
  rmSync(outdir, { recursive: true });
  rmSync(dirname(functions), { recursive: true });
});

test("an application in which three pipelines read one stream deploys, each reading it", async () => {
  const app = new App({ outdir, analyticsReporting: false });
  new MillraceStack(app, "Sample", { plan: samplePlan, functions });
  app.synth();
  const into = services();
  const formation = new CloudFormation(into);
  await formation.update(loadStacks(outdir));
  const { resources } = formation;
  const consumers = resources.filter(({ type }) => type === "AWS::Kinesis::StreamConsumer");
  expect(consumers).toHaveLength(1);
  const stream = consumers[0]?.attributes["StreamARN"];
  const readers = into.sources.filter(({ name }) => name === stream);
  expect(new Set(readers.map(({ functionName }) => functionName)).size).toBe(3);
  for (const source of into.sources) await source.close();
});
