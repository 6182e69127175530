import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { lookupsOver } from "../../../functions/aws/lookups/lookups.ts";
import { sdkCalls } from "../../../functions/aws/lookups/sdk-calls.ts";
import { csv } from "../../../shared/csv.ts";
import { dynamoTable, epochMs, s3File } from "../../../shared/index.ts";
import type { LookupWant } from "../../../shared/protocol/ports.ts";
import { BEGINNING_OF_TIME } from "../../../shared/time/time.ts";
import { type LocalServices, startLocalServices } from "./local-services.ts";

const schema = z.object({ sku: z.string(), since: z.number() });
const products = dynamoTable("products", { schema, key: "sku" });
const versions = dynamoTable("versions", { schema, key: "sku", version: "since" });
const file = s3File("file", { schema, key: "sku" });

let services: LocalServices;
let lookups: ReturnType<typeof lookupsOver>;
beforeAll(async () => {
  services = await startLocalServices();
  const { dynamodb, bucket, clients } = services;
  const create = (TableName: string, sort?: string) =>
    dynamodb.createTable({
      TableName,
      KeySchema: [
        { AttributeName: "sku", KeyType: "HASH" },
        ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: "RANGE" } as const]),
      ],
      AttributeDefinitions: [
        { AttributeName: "sku", AttributeType: "S" },
        ...(sort === undefined ? [] : [{ AttributeName: sort, AttributeType: "N" } as const]),
      ],
    });
  create("shop-products");
  create("shop-versions", "since");
  lookups = lookupsOver(sdkCalls(clients), {
    products: { table: "shop-products" },
    versions: { table: "shop-versions" },
    file: { bucket, key: "file.jsonl" },
  });
});
afterAll(() => services.close());

const want = (key: string | number, since: number = BEGINNING_OF_TIME): LookupWant => ({
  key,
  since: epochMs(since),
});

describe("rows of a table", () => {
  test("come in the order in which they are wanted, as plain data, whatever their number", async () => {
    const all = Array.from({ length: 250 }, (_, i) => `p${i}`);
    for (const sku of all)
      if (sku !== "p7")
        services.dynamodb.putItem({
          TableName: "shop-products",
          Item: {
            sku: { S: sku },
            price: { N: "1.5" },
            tags: { SS: ["a", "b"] },
            sizes: { NS: ["1", "2"] },
            more: { M: { yes: { BOOL: true }, none: { NULL: true }, list: { L: [{ N: "1" }] } } },
          },
        });
    services.faults.plan("dynamodb", "BatchGetItem", { kind: "partial", failed: [0, 3, 99] });
    const rows = await lookups.rows(
      products,
      all.map((sku) => want(sku)),
    );
    const more = { yes: true, none: null, list: [1] };
    expect(rows).toEqual(
      all.map((sku) =>
        sku === "p7" ? { rows: [] } : { rows: [{ sku, price: 1.5, tags: ["a", "b"], sizes: [1, 2], more }] },
      ),
    );
  });

  /** Lookups whose calls are noted: how many keys each asks for, and the pauses between them, which take no time. */
  function noted() {
    const asked: number[] = [];
    const pauses: number[] = [];
    const calls = sdkCalls(services.clients);
    const over = lookupsOver(
      {
        ...calls,
        batchGetItem: (table, keys) => {
          asked.push(keys.length);
          return calls.batchGetItem(table, keys);
        },
        backOff: async (attempt) => {
          pauses.push(attempt);
        },
      },
      { products: { table: "shop-products" } },
    );
    return { over, asked, pauses };
  }

  test("that are more than 100, or 16 MB, are read in as many calls as it takes, each key once", async () => {
    const large = Array.from({ length: 60 }, (_, i) => `large-${i}`);
    const text = { S: "x".repeat(390_000) };
    for (const sku of large)
      services.dynamodb.putItem({ TableName: "shop-products", Item: { sku: { S: sku }, text } });
    const { over, asked, pauses } = noted();
    const none = Array.from({ length: 141 }, (_, i) => want(`none-${i}`));
    const rows = await over.rows(products, [...none, ...large.map((sku) => want(sku))]);
    const skus = rows.map((row) => "rows" in row && (row.rows[0] as { sku: string } | undefined)?.sku);
    expect(skus).toEqual([...none.map(() => undefined), ...large]);
    // of the 59 large ones in the second call, 43 are 16 MB
    expect(Math.max(...asked)).toBe(100);
    expect(asked.length).toBeGreaterThan(3);
    expect(new Set(pauses)).toEqual(new Set([1]));
  });

  test("are asked for again while DynamoDB hands them back, with longer pauses where it reads none, and then given up", async () => {
    const { over, asked, pauses } = noted();
    const hand = (...failed: number[]) => ({ kind: "partial", failed }) as const;
    services.faults.plan("dynamodb", "BatchGetItem", hand(0, 1), hand(0, 1), hand(1), hand(0));
    const rows = await over.rows(products, [want("p1"), want("p2")]);
    expect(rows).toMatchObject([{ rows: [{ sku: "p1" }] }, { rows: [{ sku: "p2" }] }]);
    expect([asked, pauses]).toEqual([
      [2, 2, 2, 1, 1],
      [1, 2, 1, 2],
    ]);
    services.faults.plan("dynamodb", "BatchGetItem", ...Array.from({ length: 8 }, () => hand(0)));
    await expect(over.rows(products, [want("p1")])).rejects.toMatchObject({
      code: "LOOKUP_UNAVAILABLE",
      next: "retried",
      message: expect.stringContaining("DynamoDB handed back the same keys 8 times in a row"),
    });
    expect(pauses.slice(4)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("are none for keys that no item can have", async () => {
    const keys = ["", "x".repeat(2_049)];
    expect(
      await lookups.rows(
        products,
        keys.map((key) => want(key)),
      ),
    ).toEqual(keys.map(() => ({ rows: [] })));
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, 1e-200];
    expect(
      await lookups.rows(
        products,
        odd.map((key) => want(key)),
      ),
    ).toEqual(odd.map(() => ({ rows: [] })));
  });

  test("are refused for keys of another type than the table's, and for no others", async () => {
    const [number, text] = await lookups.rows(products, [want(1), want("p1")]);
    expect(number).toEqual({ refused: expect.stringContaining("key") });
    expect(text).toMatchObject({ rows: [{ sku: "p1" }] });
    expect(await lookups.rows(versions, [want(1, 5)])).toEqual([{ refused: expect.any(String) }]);
  });

  test("with versions are the one that holds at a time, and all later ones", async () => {
    for (const since of [100, 200, 300])
      services.dynamodb.putItem({
        TableName: "shop-versions",
        Item: { sku: { S: "pen" }, since: { N: String(since) } },
      });
    const found = async (since: number) => {
      const [rows] = await lookups.rows(versions, [want("pen", since)]);
      return rows !== undefined && "rows" in rows
        ? rows.rows.map((row) => (row as { since: number }).since)
        : rows;
    };
    expect(await found(99)).toEqual([100, 200, 300]);
    expect(await found(100)).toEqual([100, 200, 300]);
    expect(await found(250)).toEqual([200, 300]);
    expect(await found(1_000)).toEqual([300]);
    expect(await lookups.rows(versions, [want("none", 5)])).toEqual([{ rows: [] }]);
  });
});

describe("a file", () => {
  const put = (body: string | Uint8Array) =>
    services.s3.putObject({
      Bucket: services.bucket,
      Key: "file.jsonl",
      Body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    });

  test("is read as its format has it, gzipped or not, and not again while it stays the same", async () => {
    put('{"sku":"a"}\nno JSON\n');
    const first = await lookups.file(file, undefined);
    expect(first?.lines).toEqual([
      { line: 1, value: { sku: "a" } },
      { line: 2, value: undefined, problem: "is no JSON object" },
    ]);
    expect(await lookups.file(file, first?.etag)).toBeUndefined();
    put(gzipSync("sku,since\nb,5\n"));
    const csvFile = s3File("file", { schema, key: "sku", format: csv() });
    expect((await lookups.file(csvFile, first?.etag))?.lines).toEqual([
      { line: 2, value: { sku: "b", since: 5 } },
    ]);
  });

  test("that is broken gzip, or too large, is one that cannot be read", async () => {
    put(gzipSync("sku,since\nb,5\n").subarray(0, 20));
    await expect(lookups.file(file, undefined)).rejects.toMatchObject({
      code: "LOOKUP_UNAVAILABLE",
      message: expect.stringContaining("it begins like gzip and cannot be unpacked"),
    });
    put(gzipSync(new Uint8Array(64 * 1024 * 1024 + 1)));
    await expect(lookups.file(file, undefined)).rejects.toThrow("it unpacks to more bytes, and 67108864 is");
  });
});

describe("what cannot be read", () => {
  const elsewhere = () =>
    lookupsOver(sdkCalls(services.clients), {
      products: { table: "missing" },
      file: { bucket: services.bucket, key: "missing.jsonl" },
      versions: { bucket: services.bucket, key: "no table" },
    });
  const unavailable = (sentence: string) =>
    expect.objectContaining({
      code: "LOOKUP_UNAVAILABLE",
      next: "retried",
      message: expect.stringContaining(sentence),
    });

  test("is said by one code, with its cause: tables and files that are missing, and such that nobody deployed", async () => {
    await expect(elsewhere().rows(products, [want("a")])).rejects.toThrow(
      unavailable('lookup "products" cannot be read from table "missing" (ResourceNotFoundException'),
    );
    await expect(elsewhere().file(file, undefined)).rejects.toThrow(
      unavailable(`lookup "file" cannot be read from s3://${services.bucket}/missing.jsonl (NoSuchKey`),
    );
    services.faults.plan("s3", "GetObject", { kind: "error", code: "AccessDenied", status: 403 });
    await expect(elsewhere().file(file, undefined)).rejects.toThrow(
      unavailable("(there is no such object, or its role may not read it: AccessDenied"),
    );
    await expect(elsewhere().rows(versions, [want("a", 1)])).rejects.toThrow(
      unavailable("the deployment names no table for it"),
    );
    await expect(lookupsOver(sdkCalls(services.clients), {}).file(file, undefined)).rejects.toThrow(
      unavailable("the deployment names no bucket for it"),
    );
  });
});
