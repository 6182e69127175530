import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readFlights } from "../../local/feed/flights.ts";
import { folder, millrace } from "./millrace.ts";

const FLIGHTS = fileURLToPath(new URL("../../pipelines/flights.ts", import.meta.url));
const SHIPPED = fileURLToPath(new URL("../../pipelines/index.ts", import.meta.url));

const january = async (): Promise<string> =>
  (await readFlights({ limit: 2_000 })).map((flight) => `${JSON.stringify(flight)}\n`).join("");

test("runs a pipeline over a file, gzipped or not, with the same rows", async () => {
  await using place = await folder();
  const lines = await january();
  const plain = await place.write("flights.jsonl", lines);
  const packed = await place.write("flights.jsonl.gz", gzipSync(lines));
  const views: string[] = [];
  for (const [file, output] of [
    [plain, "one"],
    [packed, "two"],
  ] as const) {
    const into = join(place.path, output);
    const { exitCode, stdout, stderr } = await millrace([
      ...["run", FLIGHTS, "--input", `flights=${file}`, "--output", into, "--json"],
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ events: 2_000, failed: 0 });
    views.push(await readFile(join(into, "hourly_delays.jsonl"), "utf8"));
  }
  expect(views[0]?.split("\n").length).toBeGreaterThan(100);
  expect(views[1]).toBe(views[0]);
});

test("ends with 1 where a line is no event, and its neighbours go on", async () => {
  await using place = await folder();
  const file = await place.write("flights.jsonl", `${await january()}{"id":1}\n`);
  const { exitCode, stdout } = await millrace([
    ...["run", SHIPPED, "--pipeline", "flight-delays", "--input", `flights=${file}`],
    ...["--output", join(place.path, "out"), "--json"],
  ]);
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ events: 2_001, failed: 1 });
});

test("names the stream that has no input, the file that is not there, and the pipelines that there are", async () => {
  await using place = await folder();
  const file = await place.write("flights.jsonl", "");
  const run = ["run", SHIPPED, "--input", `flights=${file}`, "--output", place.path];
  const missing = await millrace(run);
  expect(missing.exitCode).toBe(2);
  expect(missing.stderr).toMatch(/^RUN_INPUT .*access-log/);
  const absent = await millrace(["run", FLIGHTS, "--input", "flights=nowhere.jsonl", "--output", place.path]);
  expect(absent.exitCode).toBe(2);
  expect(absent.stderr).toMatch(/^RUN_INPUT .*nowhere\.jsonl/);
  const unknown = await millrace([...run, "--pipeline", "flight-delay"]);
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toMatch(/^PIPELINE_UNKNOWN .*flight-delays/);
});

test("takes files for tables that pipelines look up, and asks for one that is missing", async () => {
  await using place = await folder();
  const shared = fileURLToPath(new URL("../../shared/index.ts", import.meta.url));
  const pipelines = await place.write(
    "priced.ts",
    `import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
    import { dynamoTable, lake, pipeline, stream } from ${JSON.stringify(shared)};
    const sales = stream("sales", { schema: z.object({ id: z.string(), sku: z.string() }), key: "id" });
    const schema = z.object({ sku: z.string(), price: z.number() });
    const products = dynamoTable("products", { schema, key: "sku" });
    export const priced = pipeline("priced", (p) => {
      p.from(sales).lookup(products, { key: "sku", as: "product" }).to(lake("out"));
    });`,
  );
  const sales = await place.write(
    "sales.jsonl",
    '{"id":"1","sku":"pen"}\n{"id":"2","sku":"none"}\n{"id":"3","sku":"odd"}\n',
  );
  const products = await place.write(
    "products.jsonl.gz",
    gzipSync('{"sku":"pen","price":3}\n{"sku":"odd","price":"dear"}\n'),
  );
  const run = ["run", pipelines, "--input", `sales=${sales}`, "--output", join(place.path, "out"), "--json"];
  const { exitCode, stdout, stderr } = await millrace([...run, "--lookup", `products=${products}`]);
  expect(exitCode, stderr).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ events: 3, failed: 1, unmatched: 1, sinks: { out: 1 } });
  expect(JSON.parse(await readFile(join(place.path, "out", "out.jsonl"), "utf8"))).toEqual({
    ...{ id: "1", sku: "pen" },
    product: { sku: "pen", price: 3 },
  });
  const without = await millrace(run);
  expect(without.stderr).toContain("give it a file with --lookup products=");
  const wrong = await millrace([...run, "--lookup", `other=${products}`]);
  expect(wrong.stderr).toContain('no pipeline looks up "other"');
});

test("refuses a file of a table of which nothing could be read, before anything runs", async () => {
  await using place = await folder();
  const door = (name: string): string =>
    JSON.stringify(fileURLToPath(new URL(`../../shared/${name}.ts`, import.meta.url)));
  const pipelines = await place.write(
    "sold.ts",
    `import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
    import { csv } from ${door("csv")};
    import { dynamoTable, lake, pipeline, s3File, stream } from ${door("index")};
    const sales = stream("sales", { schema: z.object({ id: z.string(), land: z.string() }), key: "id" });
    const schema = z.object({ land: z.string(), euros: z.number() });
    const rates = s3File("rates", { schema, key: "land", format: csv() });
    const fees = s3File("fees", { schema, key: "land" });
    const taxes = dynamoTable("taxes", { schema, key: "land" });
    export const sold = pipeline("sold", (p) => {
      p.from(sales).lookup(rates, { key: "land" }).lookup(fees, { key: "land" }).lookup(taxes, { key: "land" }).to(lake("out"));
    });`,
  );
  const sales = await place.write("sales.jsonl", '{"id":"1","land":"de"}\n{"id":"2","land":"fr"}\n');
  const good = await place.write("good.csv", '\uFEFFland,euros\r\nde,1.5\r\nfr,"x"\r\n');
  const json = await place.write("good.jsonl", '{"land":"de","euros":2}\n{"land":"fr","euros":2}\n');
  const run = (rates: string, fees = json) =>
    millrace([
      ...["run", pipelines, "--input", `sales=${sales}`, "--output", join(place.path, "out"), "--json"],
      ...["--lookup", `rates=${rates}`, "--lookup", `fees=${fees}`, "--lookup", `taxes=${good}`],
    ]);
  const { exitCode, stderr } = await run(good);
  expect(exitCode, stderr).toBe(1);
  const lines = async (name: string) =>
    (await readFile(join(place.path, "out", name), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  const row = (euros: number) => ({ land: "de", euros });
  expect(await lines("out.jsonl")).toEqual([
    { id: "1", land: "de", rates: row(1.5), fees: row(2), taxes: row(1.5) },
  ]);
  expect(await lines("failed.jsonl")).toMatchObject([
    {
      error: {
        code: "LOOKUP_ROW",
        message: expect.stringContaining("line 3 does not fit its schema (euros"),
      },
    },
  ]);
  for (const [broken, says] of [
    [
      await place.write("other.csv", "land,Euros\nde,1\n"),
      'its header has no column "euros", which rows must have',
    ],
    [await place.write("empty.csv", ""), "it is empty"],
    [await place.write("open.csv.gz", gzipSync('land,euros\nde,"1\n')), "line 2 has a quote"],
    [await place.write("cut.csv.gz", gzipSync("land,euros\n").subarray(0, 20)), "cannot be unpacked"],
    [json, "the table is declared as CSV; declare it with s3File(…) without a format"],
  ] as const) {
    const refused = await run(broken);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/^RUN_INPUT --lookup rates=/);
    expect(refused.stderr).toContain(says);
  }
  expect((await run(good, good)).stderr).toContain(
    "the table is declared as JSON lines; declare it with s3File(…, { format: csv() })",
  );
});
