import { expect, test } from "vitest";
import type { Stack } from "../../../local/template/cloud-assembly.ts";
import { CloudFormation } from "../../../local/template/cloudformation.ts";
import { type Resources, stackOf } from "./formation.ts";
import { services } from "./services.ts";

const stream = { Type: "AWS::Kinesis::Stream", Properties: { ShardCount: 1 } };
const queue = (delay: unknown) => ({ Type: "AWS::SQS::Queue", Properties: { DelaySeconds: delay } });

const exporting = (name: string, resources: Resources, exports: Readonly<Record<string, unknown>>): Stack =>
  stackOf(
    resources,
    {
      Outputs: Object.fromEntries(
        Object.entries(exports).map(([Name, Value]) => [`Out${Name}`, { Value, Export: { Name } }]),
      ),
    },
    name,
  );
const importing = (name: string, exported: string): Stack =>
  stackOf({ Queue: queue({ "Fn::ImportValue": exported }) }, {}, name);

async function withStacks(...stacks: readonly Stack[]) {
  const into = services();
  const formation = new CloudFormation(into);
  await formation.update(stacks);
  return { into, formation, update: (...changed: readonly Stack[]) => formation.update(changed) };
}

test("a stack that is new in the folder is made, one that is gone is deleted with all that it has", async () => {
  const { into, update } = await withStacks(
    stackOf({ Stream: stream }, {}, "Old"),
    stackOf({ Stream: stream }, {}, "Kept"),
  );
  const done = await update(stackOf({ Stream: stream }, {}, "Kept"), stackOf({ Stream: stream }, {}, "New"));
  expect(done.resources.map(({ stack, action }) => [stack, action])).toEqual([
    ["Kept", "unchanged"],
    ["New", "created"],
    ["Old", "deleted"],
  ]);
  expect(into.kinesis.listStreams().StreamNames).toEqual(["Kept-Stream", "New-Stream"]);
});

test("a value reaches the stack that imports it as soon as it is exported", async () => {
  const { into, update } = await withStacks(
    exporting("Base", {}, {}),
    stackOf({ Queue: queue(1) }, {}, "User"),
  );
  await update(exporting("Base", {}, { Delay: 5 }), importing("User", "Delay"));
  const [QueueUrl = ""] = into.sqs.listQueues().QueueUrls;
  expect(into.sqs.getQueueAttributes({ QueueUrl }).Attributes).toMatchObject({ DelaySeconds: "5" });
});

test("what another stack imports is neither changed nor taken away", async () => {
  const base = exporting("Base", {}, { Delay: 5, Spare: 1 });
  const { update } = await withStacks(base, importing("User", "Delay"));
  for (const [changed, what] of [
    [exporting("Base", {}, { Delay: 6 }), "updated"],
    [exporting("Base", {}, {}), "deleted"],
  ] as const)
    await expect(update(changed, importing("User", "Delay"))).rejects.toMatchObject({
      code: "LOCAL_UPDATE_ROLLED_BACK",
      message: expect.stringContaining(`export "Delay" of stack "Base" cannot be ${what}: "User" imports it`),
    });
  // AWS has the user deployed after its base: it still imports the value when that goes
  await expect(update(exporting("Base", {}, {}), importing("User", "Spare"))).rejects.toThrow(
    "cannot be deleted",
  );
  await update(exporting("Base", {}, { Delay: 5 }), importing("User", "Delay"));
});

test("a stack is not deleted as long as another one imports from it", async () => {
  const { update, formation } = await withStacks(
    exporting("Base", { Stream: stream }, { Delay: 5 }),
    importing("User", "Delay"),
  );
  await expect(update(importing("User", "Delay"))).rejects.toThrow(
    'export "Delay" of stack "Base" cannot be deleted: "User" imports it',
  );
  expect(formation.resources.map(({ logicalId }) => logicalId)).toEqual(["Stream", "Queue"]);
});

test("stacks go together, those first that import from others", async () => {
  const { update } = await withStacks(
    exporting("Base", { Stream: stream }, { Delay: 5 }),
    importing("User", "Delay"),
  );
  const done = await update(stackOf({ Stream: stream }, {}, "Else"));
  expect(done.resources.map(({ stack, logicalId, action }) => [stack, logicalId, action])).toEqual([
    ["Else", "Stream", "created"],
    ["User", "Queue", "deleted"],
    ["Base", "Stream", "deleted"],
  ]);
});

test("a name is exported by one stack only", async () => {
  await expect(
    withStacks(exporting("A", {}, { Delay: 1 }), exporting("B", {}, { Delay: 1 })),
  ).rejects.toThrow('export "Delay" of stack "B" is one of "A" too');
});

test("a failure in one stack takes back what was done in those before it", async () => {
  const { into, update } = await withStacks(
    stackOf({ Queue: queue(1) }, {}, "A"),
    stackOf({ Stream: stream }, {}, "B"),
  );
  const tooMany = { ...stream, Properties: { ShardCount: 9 } };
  await expect(
    update(stackOf({ Queue: queue(2) }, {}, "A"), stackOf({ Stream: tooMany }, {}, "B")),
  ).rejects.toThrow();
  const [QueueUrl = ""] = into.sqs.listQueues().QueueUrls;
  expect(into.sqs.getQueueAttributes({ QueueUrl }).Attributes).toMatchObject({ DelaySeconds: "1" });
});
