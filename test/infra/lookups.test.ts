import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as kms from "aws-cdk-lib/aws-kms";
import * as s3 from "aws-cdk-lib/aws-s3";
import { expect, test } from "vitest";
import { z } from "zod";
import type { LookupSource } from "../../infra/index.ts";
import { MillraceStack } from "../../infra/stacks/millrace-stack.ts";
import { application, dynamoTable, lake, pipeline, s3File, stream } from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { stubFunctions } from "./stub-functions.ts";
import { propertiesOf } from "./synth.ts";

const sales = stream("sales", {
  schema: z.object({ id: z.string(), sku: z.string(), desk: z.string(), at: z.int() }),
  time: "at",
  key: "id",
});
const row = z.object({ sku: z.string(), from: z.int() });
const products = dynamoTable("products", { schema: row, key: "sku" });
const prices = dynamoTable("prices", { schema: row, key: "sku", version: "from" });
const desks = s3File("desks", { schema: z.object({ desk: z.string() }), key: "desk" });
const { plan } = planApplication(
  application("shop", {
    streams: [sales],
    pipelines: [
      pipeline("priced", (p) =>
        p
          .from(sales)
          .lookup(products, { key: "sku" })
          .lookup(prices, { key: "sku" })
          .lookup(desks, { key: "desk" })
          .to(lake("priced")),
      ),
      pipeline("plain", (p) => p.from(sales).to(lake("plain"))),
    ],
  }),
);

type Sources = Record<string, LookupSource>;

/** The template of a stack whose lookups are made in another one. */
function synth(sourcesIn: (scope: Stack) => Sources): Template {
  const functions = stubFunctions();
  try {
    const app = new App({ analyticsReporting: false });
    const lookups = sourcesIn(new Stack(app, "Reference"));
    return Template.fromStack(new MillraceStack(app, "Shop", { plan, functions, lookups }));
  } finally {
    rmSync(dirname(functions), { recursive: true });
  }
}

const imported = (scope: Stack): Sources => ({
  products: {
    table: dynamodb.Table.fromTableAttributes(scope, "Products", {
      tableName: "shop-products",
      encryptionKey: kms.Key.fromKeyArn(scope, "Key", "arn:aws:kms:eu-west-1:111111111111:key/k"),
    }),
  },
  prices: { table: dynamodb.Table.fromTableName(scope, "Prices", "shop-prices") },
  desks: { bucket: s3.Bucket.fromBucketName(scope, "Files", "shop-files"), key: "office/desks.jsonl" },
});

type Statement = { readonly Action: string | readonly string[]; readonly Resource: unknown };
type Policy = { readonly PolicyDocument: { readonly Statement: readonly Statement[] } };
type Variables = { readonly Environment: { readonly Variables: Record<string, unknown> } };

test("a stage may make the one call that reads each of its tables, and no other stage may", () => {
  const template = synth(imported);
  const lookups = propertiesOf<Policy>(template, "AWS::IAM::Policy").flatMap(([id, { PolicyDocument }]) =>
    PolicyDocument.Statement.filter((statement) => /shop-|:key\//.test(JSON.stringify(statement))).map(
      ({ Action, Resource }) => [id, Action, JSON.stringify(Resource)],
    ),
  );
  const role = expect.stringMatching(/^Stagespricedsales/);
  expect(lookups).toEqual([
    [role, "dynamodb:BatchGetItem", expect.stringContaining("table/shop-products")],
    [role, "kms:Decrypt", expect.stringContaining("key/k")],
    [role, "dynamodb:Query", expect.stringContaining("table/shop-prices")],
    [role, "s3:GetObject", expect.stringContaining("shop-files/office/desks.jsonl")],
  ]);
  const told = propertiesOf<Variables>(template, "AWS::Lambda::Function").flatMap(([id, { Environment }]) => {
    const text = Environment?.Variables["MILLRACE_LOOKUPS"];
    return text === undefined ? [] : [[id, JSON.parse(String(text))]];
  });
  expect(told).toEqual([
    [
      expect.stringMatching(/^Stagespricedsales/),
      {
        products: { table: "shop-products" },
        prices: { table: "shop-prices" },
        desks: { bucket: "shop-files", key: "office/desks.jsonl" },
      },
    ],
  ]);
});

const { STRING, NUMBER } = dynamodb.AttributeType;
const made = (name: string, pk: string, sk?: dynamodb.Attribute) => (scope: Stack) => ({
  ...imported(scope),
  [name]: {
    table: new dynamodb.Table(scope, "Made", { partitionKey: { name: pk, type: STRING }, sortKey: sk }),
  },
});

test.each<[string, (scope: Stack) => Sources, string]>([
  [
    "a table without a place",
    (scope) => {
      const { prices: _, ...others } = imported(scope);
      return others;
    },
    'lookup table "prices": give the stack its place: lookups: { "prices": { table } }',
  ],
  [
    "a table where a file is looked up",
    (scope) => ({
      ...imported(scope),
      desks: imported(new Stack(scope, "Again"))["products"] as LookupSource,
    }),
    'lookup file "desks": give the stack its place: lookups: { "desks": { bucket, key } }',
  ],
  [
    "a file that is called CSV where JSON lines are declared",
    (scope) => ({
      ...imported(scope),
      desks: { bucket: s3.Bucket.fromBucketName(scope, "Csv", "shop-files"), key: "office/desks.csv.gz" },
    }),
    'lookup file "desks": it is "office/desks.csv.gz", and declared as another format: use s3File(…, { format: csv() })',
  ],
  [
    "a place of what nobody looks up",
    (scope) => ({
      ...imported(scope),
      others: imported(new Stack(scope, "Again"))["products"] as LookupSource,
    }),
    'no pipeline looks up "others"',
  ],
  [
    "a table of another partition key",
    made("products", "id"),
    'its partition key is "id", and pipelines look up by "sku"',
  ],
  [
    "a table with versions that are not declared",
    made("products", "sku", { name: "from", type: NUMBER }),
    'it has the sort key "from": declare it as `version`',
  ],
  ["a table without versions", made("prices", "sku"), "it has no sort key"],
  [
    "versions that are texts",
    made("prices", "sku", { name: "from", type: STRING }),
    'its sort key "from" must be a number',
  ],
])("%s is refused before anything is deployed", (_, sources, sentence) => {
  expect(() => synth(sources)).toThrow(
    expect.objectContaining({ code: "PLAN_LOOKUP", message: expect.stringContaining(sentence) }),
  );
});

test("a table that the app makes with the keys that are looked up is taken", () => {
  expect(() => synth(made("products", "sku"))).not.toThrow();
  expect(() => synth(made("prices", "sku", { name: "from", type: NUMBER }))).not.toThrow();
});
