import { describe, expect, test } from "vitest";
import { z } from "zod";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import {
  dynamoTable,
  type Flow,
  type LookupTable,
  lake,
  minutes,
  pipeline,
  s3File,
  seconds,
  stream,
} from "../../../shared/index.ts";

const Sale = z.strictObject({
  id: z.string(),
  sku: z.string().nullish(),
  at: z.int(),
});
type Sale = z.infer<typeof Sale>;
const sales = stream("sales", { schema: Sale, time: "at", key: "id", partitions: 2 });
const START = 1_704_067_200_000;
const sale = (id: string, sku: string | null | undefined, at = 0): Sale => ({ id, sku, at: START + at });

const Product = z.object({ sku: z.string(), price: z.number() });
const options = { schema: Product, key: "sku" } as const;
const products = { dynamodb: dynamoTable("products", options), s3: s3File("products", options) };

type AnyTable = LookupTable<"products", unknown>;
const joined = (table: AnyTable, how: { type?: "left"; as?: string } = {}) =>
  pipeline("p", (p) => {
    const out = p.from(sales).lookup(table, { id: "find", key: "sku", ...how });
    (out as Flow<unknown>).to(lake("out"));
    out.failed.to(lake("failed"));
  });

describe.each(["dynamodb", "s3"] as const)("a lookup in %s", (store) => {
  const table = products[store];
  const rows = [
    { sku: "a", price: 1 },
    { sku: "b", price: 2, more: "than the schema has" },
  ];

  test("gives each event the row of its key, as its schema makes it", async () => {
    const driver = await TestDriver.create(joined(table), { lookups: { products: rows } });
    await driver.feed("sales", [sale("1", "a"), sale("2", "b"), sale("3", "a")]);
    const found = driver.lake<Sale>("out").toSorted((x, y) => (x.id < y.id ? -1 : 1));
    expect(found).toEqual([
      { ...sale("1", "a"), products: { sku: "a", price: 1 } },
      { ...sale("2", "b"), products: { sku: "b", price: 2 } },
      { ...sale("3", "a"), products: { sku: "a", price: 1 } },
    ]);
    expect(driver.failed()).toEqual([]);
  });

  test("drops and counts what has no row", async () => {
    const driver = await TestDriver.create(joined(table), { lookups: { products: rows } });
    await driver.feed("sales", [sale("1", "none"), sale("2", null), sale("3", undefined), sale("4", "")]);
    expect(driver.lake("out")).toEqual([]);
    expect(driver.counts()["p.sales"]).toMatchObject({ input: 4, unmatched: 4, failed: 0 });
  });

  test("keeps what has no row, with null, where it is a left one", async () => {
    const driver = await TestDriver.create(joined(table, { type: "left", as: "product" }), {
      lookups: { products: rows },
    });
    await driver.feed("sales", [sale("1", "none"), sale("2", null)]);
    expect(driver.lake("out")).toEqual([
      { ...sale("1", "none"), product: null },
      { ...sale("2", null), product: null },
    ]);
    expect(driver.counts()["p.sales"]).toMatchObject({ unmatched: 0 });
  });

  test("fails the events whose row does not fit its schema, and no others", async () => {
    const driver = await TestDriver.create(joined(table), {
      lookups: { products: [...rows, { sku: "odd", price: "dear" }] },
    });
    await driver.feed("sales", [sale("1", "odd"), sale("2", "a")]);
    expect(driver.lake("out")).toMatchObject([{ id: "2" }]);
    const [failed] = driver.failed();
    expect(failed).toMatchObject({ operator: "find", payload: { id: "1" }, error: { code: "LOOKUP_ROW" } });
    expect(failed?.error.message).toContain('operator "find"');
    expect(failed?.error.message).toContain("price: ");
    expect(driver.lake("failed")).toHaveLength(1);
  });

  test("takes a row from memory until it is to be refreshed, and that there is none", async () => {
    const driver = await TestDriver.create(joined(table), { lookups: { products: rows } });
    const next = async (n: string) => {
      await driver.feed("sales", [sale(n, "a"), sale(n, "new")]);
      return driver.lake<{ id: string; products: { price: number } }>("out").filter(({ id }) => id === n);
    };
    expect((await next("1")).map((row) => row.products.price)).toEqual([1]);
    driver.setLookup("products", [
      { sku: "a", price: 10 },
      { sku: "new", price: 20 },
    ]);
    expect((await next("1b")).map((row) => row.products.price)).toEqual([1]);
    await driver.advance(minutes(5));
    expect((await next("2")).map((row) => row.products.price)).toEqual([10, 20]);
  });
});

describe.each(["dynamodb", "s3"] as const)("a lookup of versions in %s", (store) => {
  const Rate = z.object({ currency: z.string(), from: z.int(), rate: z.number() });
  const how = { schema: Rate, key: "currency", version: "from", refresh: seconds(10) } as const;
  const rates = store === "s3" ? s3File("rates", how) : dynamoTable("rates", how);
  const rate = (from: number, value: number) => ({ currency: "eur", from: START + from, rate: value });
  const app = pipeline("p", (p) => {
    p.from(sales)
      .lookup(rates, { key: "sku", as: "rate", type: "left" })
      .map(({ id, rate }) => ({ id, rate: rate?.rate ?? null }))
      .to(lake("out"));
  });
  const found = (driver: TestDriver) =>
    Object.fromEntries(
      driver.lake<{ id: string; rate: number | null }>("out").map(({ id, rate }) => [id, rate]),
    );

  test("gives each event the version that held at its time", async () => {
    const driver = await TestDriver.create(app, {
      lookups: { rates: [rate(200, 2), rate(100, 1), rate(300, 3)] },
    });
    await driver.feed("sales", [
      ...[sale("early", "eur", 99), sale("first", "eur", 100), sale("between", "eur", 299)],
      ...[sale("third", "eur", 300), sale("long after", "eur", 10_000), sale("none", "usd", 200)],
    ]);
    expect(found(driver)).toEqual({
      ...{ early: null, first: 1, between: 2, third: 3 },
      ...{ "long after": 3, none: null },
    });
  });

  test("fetches older versions when an older event comes", async () => {
    const driver = await TestDriver.create(app, { lookups: { rates: [rate(100, 1), rate(200, 2)] } });
    await driver.feed("sales", [sale("new", "eur", 250)]);
    await driver.feed("sales", [sale("old", "eur", 150), sale("older", "eur", 50)]);
    expect(found(driver)).toEqual({ new: 2, old: 1, older: null });
  });

  test("meets a version that was written since, once the others are to be refreshed", async () => {
    const driver = await TestDriver.create(app, { lookups: { rates: [rate(100, 1)] } });
    await driver.feed("sales", [sale("1", "eur", 1000)]);
    driver.setLookup("rates", [rate(100, 1), rate(900, 9)]);
    await driver.advance(minutes(1));
    await driver.feed("sales", [sale("2", "eur", 1000), sale("3", "eur", 899)]);
    expect(found(driver)).toEqual({ "1": 1, "2": 9, "3": 1 });
  });
});
