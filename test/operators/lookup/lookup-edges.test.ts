import { describe, expect, test } from "vitest";
import { z } from "zod";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import { dynamoTable, lake, pipeline, s3File, seconds, stream } from "../../../shared/index.ts";

const START = 1_704_067_200_000;
const Sale = z.strictObject({ id: z.string(), sku: z.string(), at: z.int(), sold: z.string().optional() });
const sales = stream("sales", { schema: Sale, time: "at", key: "id", partitions: 1 });
const sale = (id: string, sku: string, sold?: string) => ({ id, sku, at: START, ...(sold && { sold }) });

const Product = z.object({ sku: z.string(), maker: z.string() });
const rows = [{ sku: "pen", maker: "acme" }];
const codes = (driver: TestDriver): string[] => driver.failed().map(({ error }) => error.code);

test("a lookup may go by what another one found: both are fetched before anything is committed", async () => {
  const makers = s3File("makers", { schema: z.object({ name: z.string(), land: z.string() }), key: "name" });
  const app = pipeline("p", (p) => {
    p.from(sales)
      .lookup(dynamoTable("products", { schema: Product, key: "sku" }), { key: "sku", as: "product" })
      .lookup(makers, { key: ({ product }) => product.maker, as: "maker" })
      .map(({ id, maker }) => ({ id, land: maker.land }))
      .to(lake("out"));
  });
  const driver = await TestDriver.create(app, {
    lookups: { products: rows, makers: [{ name: "acme", land: "NO" }] },
  });
  await driver.feed("sales", [sale("1", "pen"), sale("2", "pen")]);
  expect(driver.lake("out")).toEqual([
    { id: "1", land: "NO" },
    { id: "2", land: "NO" },
  ]);
  expect(driver.counts()["p.sales"]).toMatchObject({ input: 2, unmatched: 0 });
});

describe.each(["dynamodb", "s3"] as const)("a schema of a table in %s", (store) => {
  const late = Product.refine(async ({ maker }) => maker !== "nobody", "is made by nobody");
  const options = { schema: late, key: "sku" } as const;
  const table = store === "s3" ? s3File("products", options) : dynamoTable("products", options);

  test("may take its time, and what it gives is shared: a change of it is refused", async () => {
    const app = pipeline("p", (p) => {
      const found = p.from(sales).lookup(table, { key: "sku", as: "product" });
      found.map(({ id, product }) => ({ id, maker: product.maker })).to(lake("out"));
      found
        .map(({ product }) => {
          product.maker = "mine";
          return product;
        })
        .to(lake("changed"));
    });
    const driver = await TestDriver.create(app, {
      lookups: { products: [...rows, { sku: "x", maker: "nobody" }] },
    });
    await driver.feed("sales", [sale("1", "pen"), sale("2", "x"), sale("3", "pen")]);
    expect(driver.lake("out")).toEqual([
      { id: "1", maker: "acme" },
      { id: "3", maker: "acme" },
    ]);
    expect(driver.lake("changed")).toEqual([]);
    expect(codes(driver)).toEqual(["OPERATOR_FAILED", "LOOKUP_ROW", "OPERATOR_FAILED"]);
  });
});

test("as of another time than the event's; one that is no time fails its event", async () => {
  const Version = z.object({ sku: z.string(), from: z.string(), price: z.int() });
  const prices = s3File("prices", { schema: Version, key: "sku", version: "from", refresh: seconds(1) });
  const app = pipeline("p", (p) => {
    p.from(sales)
      .lookup(prices, { key: "sku", as: "price", asOf: ({ sold }) => sold ?? "never" })
      .map(({ id, price }) => ({ id, price: price.price }))
      .to(lake("out"));
  });
  const driver = await TestDriver.create(app, {
    lookups: {
      prices: [
        { sku: "pen", from: "2020-01-01T00:00:00Z", price: 1 },
        { sku: "pen", from: "2022-01-01T01:00:00+01:00", price: 2 },
        { sku: "ink", from: "once", price: 3 },
      ],
    },
  });
  await driver.feed("sales", [
    sale("before", "pen", "2021-12-31T23:59:59.999Z"),
    sale("after", "pen", "2022-01-01T00:00:00Z"),
    sale("never", "pen"),
    sale("unplaced", "ink", "2022-01-01T00:00:00Z"),
  ]);
  expect(driver.lake("out")).toEqual([
    { id: "before", price: 1 },
    { id: "after", price: 2 },
  ]);
  expect(codes(driver)).toEqual(["LOOKUP_AS_OF", "LOOKUP_ROW"]);
  const [asOf, row] = driver.failed().map(({ error }) => error.message);
  expect(asOf).toBe('operator "lookup-1": `asOf` must give epoch milliseconds or RFC 3339, not "never"');
  expect(row).toContain('lookup file "prices": "from" of line 3 says "once", which is no time');
});

test("as of the time in a field, and of the event's where none is named", async () => {
  const Version = z.object({ sku: z.string(), from: z.int(), price: z.int() });
  const prices = s3File("prices", { schema: Version, key: "sku", version: "from" });
  const app = pipeline("p", (p) => {
    const sold = p.from(sales).map(({ id, sku }) => ({ id, sku, sold: "2024-01-01T00:00:00.015Z" }));
    sold
      .lookup(prices, { id: "then", key: "sku", as: "price" })
      .map(({ price }) => ({ of: price.price }))
      .to(lake("then"));
    sold
      .lookup(prices, { id: "sold", key: "sku", as: "price", asOf: "sold" })
      .map(({ price }) => ({ of: price.price }))
      .to(lake("sold"));
  });
  const driver = await TestDriver.create(app, {
    lookups: { prices: [10, 0].map((from) => ({ sku: "pen", from: START + from, price: from })) },
  });
  await driver.feed("sales", [sale("1", "pen")]);
  expect([driver.lake("then"), driver.lake("sold")]).toEqual([[{ of: 0 }], [{ of: 10 }]]);
});

test("a row is added to objects only", async () => {
  const table = dynamoTable("products", { schema: Product, key: "sku" });
  const app = pipeline("p", (p) => {
    p.from(sales)
      .map(({ sku }) => sku)
      .lookup(table, { key: (sku) => sku })
      .to(lake("out"));
  });
  const driver = await TestDriver.create(app, { lookups: { products: rows } });
  await driver.feed("sales", [sale("1", "pen")]);
  expect(codes(driver)).toEqual(["LOOKUP_VALUE"]);
  expect(driver.failed()[0]?.error.message).toBe(
    'operator "lookup-1": a row can be added to an object only; make one of the value with map before the lookup',
  );
});

test("a file with a line without a key fails what is not found in it, and nothing else", async () => {
  const table = s3File("products", { schema: Product, key: "sku" });
  const app = pipeline("p", (p) => {
    p.from(sales).lookup(table, { key: "sku", type: "left" }).to(lake("out"));
  });
  const driver = await TestDriver.create(app, { lookups: { products: [...rows, { name: "ink" }] } });
  await driver.feed("sales", [sale("1", "pen"), sale("2", "ink")]);
  expect(driver.lake("out")).toMatchObject([{ id: "1", products: { maker: "acme" } }]);
  expect(codes(driver)).toEqual(["LOOKUP_ROW"]);
  expect(driver.failed()[0]?.error.message).toContain(
    'line 2 has no string or number as "sku", so that it may be the row that is missing; mend the file',
  );
});

test("keys of the other type fail their events, and only those", async () => {
  const table = dynamoTable("products", { schema: Product, key: "sku" });
  const app = pipeline("p", (p) => {
    p.from(sales)
      .lookup(table, { key: ({ id, sku }) => (id === "odd" ? 5 : sku) })
      .to(lake("out"));
  });
  const driver = await TestDriver.create(app, { lookups: { products: rows } });
  await driver.feed("sales", [sale("odd", "pen"), sale("even", "pen")]);
  expect(driver.lake("out")).toMatchObject([{ id: "even" }]);
  expect(codes(driver)).toEqual(["LOOKUP_ROW"]);
  expect(driver.failed()[0]?.error.message).toMatch(
    /^operator "lookup-1", lookup table "products": it takes no such key .*: look up by one of its type; mend the table or the schema, and send the event again$/,
  );
});

test("rows of a table that no pipeline looks up are refused", async () => {
  const app = pipeline("p", (p) => p.from(sales).to(lake("out")));
  await expect(TestDriver.create(app, { lookups: { products: rows } })).rejects.toThrow(
    expect.objectContaining({ code: "PLAN_LOOKUP" }),
  );
});
