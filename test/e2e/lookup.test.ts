import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cloud, startCloud } from "../../local/cloud.ts";

const LONG = 180_000;
const AT = 1_767_225_600_000;

let folder: string;
let cloud: Cloud;
let log: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-lookup-"));
  const stack = fileURLToPath(new URL("./lookup/stack.ts", import.meta.url));
  await promisify(execFile)(process.execPath, [stack, folder]);
  log = join(folder, "functions.log");
  cloud = await startCloud({ templateDir: folder, limits: "off", logFile: log });
  price("pen", 3);
  for (const [from, percent] of [
    [AT, 10],
    [AT + 1_000, 20],
  ] as const)
    cloud.dynamodb.putItem({
      TableName: "shop-discounts",
      Item: { sku: { S: "pen" }, from: { N: String(from) }, percent: { N: String(percent) } },
    });
  writeDesks('desk;floor\r\n"d1";2\r\n');
}, LONG);
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

const price = (sku: string, price: number): void => {
  cloud.dynamodb.putItem({
    TableName: "shop-products",
    Item: { sku: { S: sku }, price: { N: String(price) }, shelf: { NULL: true } },
  });
};
const DESKS = { Bucket: "shop-files", Key: "office/desks.csv.gz" };
const writeDesks = (text: string): void => {
  cloud.s3.putObject({ ...DESKS, Body: gzipSync(text) });
};

async function sell(id: string, sku: string, at: number = AT): Promise<void> {
  const answer = await fetch(cloud.apiUrl("/v1/streams/sales/events"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ id, sku, desk: "d1", at }]),
  });
  expect(await answer.json()).toMatchObject({ accepted: 1 });
}

/** What the view has of a sale, once it has something. */
async function priceOf(id: string): Promise<unknown> {
  let rows: unknown[] = [];
  await expect
    .poll(
      async () => {
        const answer = await fetch(cloud.apiUrl(`/v1/views/priced?key=${id}`));
        rows = ((await answer.json()) as { items?: unknown[] }).items ?? [];
        return rows.length;
      },
      { timeout: LONG, interval: 200 },
    )
    .toBe(1);
  return rows[0];
}

test(
  "a deployed stage looks up in a table, its versions and a file, with the rights that it has",
  async () => {
    await sell("first", "pen");
    await sell("later", "pen", AT + 1_500);
    expect(await priceOf("first")).toMatchObject({ id: "first", price: 3, percent: 10, floor: 2 });
    expect(await priceOf("later")).toMatchObject({ id: "later", price: 3, percent: 20, floor: 2 });
    price("pen", 4);
    writeDesks('desk;floor\r\n"d1";7\r\n');
    await sell("changed", "pen");
    expect(await priceOf("changed")).toMatchObject({ price: 4, percent: 10, floor: 7 });
    expect(cloud.iam.refusals()).toEqual([]);
    const lookups = cloud.iam
      .grants()
      .filter(({ resources }) => /shop-(products|discounts|files)/.test(resources.join(" ")));
    expect(lookups.map(({ actions, used }) => [actions, used]).sort()).toEqual(
      ["dynamodb:BatchGetItem", "dynamodb:Query", "s3:GetObject"].map((action) => [[action], [action]]),
    );
  },
  LONG,
);

test(
  "a sale waits while the file is missing, and is priced once it is there again",
  async () => {
    cloud.s3.deleteObject(DESKS);
    await sell("waits", "pen");
    await expect
      .poll(() => readFileSync(log, "utf8"), { timeout: LONG, interval: 200 })
      .toContain(
        "cannot be read from s3://shop-files/office/desks.csv.gz (there is no such object, or its role",
      );
    writeDesks('desk;floor\r\n"d1";8\r\n');
    expect(await priceOf("waits")).toMatchObject({ price: 4, floor: 8 });
  },
  LONG,
);
