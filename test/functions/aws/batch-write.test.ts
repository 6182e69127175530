import { afterAll, beforeAll, expect, test } from "vitest";
import { batchWrite } from "../../../functions/aws/batch-write.ts";
import { type LocalServices, startLocalServices } from "./local-services.ts";

let services: LocalServices;
beforeAll(async () => {
  services = await startLocalServices();
});
afterAll(() => services.close());

const puts = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ PutRequest: { Item: { pk: { S: "p" }, sk: { S: `${n}` } } } }));
const failing = (count: number) =>
  ({ kind: "partial", failed: Array.from({ length: count }, (_, i) => i) }) as const;

test("what DynamoDB left unprocessed is written by a later call", async () => {
  const table = services.table("sk");
  services.faults.plan("dynamodb", "BatchWriteItem", failing(7), failing(25), failing(1));
  await batchWrite(services.clients.dynamodb, table, puts(60));
  expect(services.dynamodb.scan({ TableName: table }).Count).toBe(60);
});

test("a table that takes nothing for long is named in the error", async () => {
  const table = services.table("sk");
  services.faults.plan("dynamodb", "BatchWriteItem", ...Array.from({ length: 8 }, () => failing(25)));
  await expect(batchWrite(services.clients.dynamodb, table, puts(30))).rejects.toMatchObject({
    code: "WRITE_THROTTLED",
    message: expect.stringContaining(`"${table}": 30 items`),
  });
});

test("nothing to write is no call", async () => {
  await batchWrite(services.clients.dynamodb, "no-such-table", []);
});
