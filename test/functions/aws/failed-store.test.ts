import { expect, test } from "vitest";
import { dynamoFailedStore } from "../../../functions/aws/failed-store.ts";
import { startLocalServices } from "./local-services.ts";

test("failed events are found by their pipeline, over many pages, and removed by their ids", async () => {
  await using stack = new AsyncDisposableStack();
  const services = await startLocalServices();
  stack.defer(() => services.close());
  const { clients, dynamodb } = services;
  const table = services.table("sk");
  const store = dynamoFailedStore({ client: clients.dynamodb, table });
  // a page has 1 MB at most
  const payload = { S: "x".repeat(100_000) };
  const ids = Array.from({ length: 30 }, (_, i) => `failed-${String(i).padStart(2, "0")}`);
  for (const [pipeline, sk] of [...ids.map((id) => ["mine", id]), ["other", "failed-00"]])
    dynamodb.putItem({ TableName: table, Item: { pk: { S: pipeline ?? "" }, sk: { S: sk ?? "" }, payload } });
  expect(await store.ids("mine")).toEqual(ids);
  await store.remove("mine", ids.slice(1));
  expect(await store.ids("mine")).toEqual(["failed-00"]);
  expect(await store.ids("other")).toEqual(["failed-00"]);
});
