import { fileURLToPath } from "node:url";
import { App, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as s3 from "aws-cdk-lib/aws-s3";
import { MillraceStack } from "../../../infra/stacks/millrace-stack.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { app as application } from "./app.ts";

/** An application, and the tables that it looks up in another stack of the same CDK app. */
const app = new App({ outdir: process.argv[2] ?? ".", analyticsReporting: false });
const reference = new Stack(app, "reference");
const partitionKey = { name: "sku", type: dynamodb.AttributeType.STRING };
const removalPolicy = RemovalPolicy.DESTROY;
const table = (id: string, tableName: string, sortKey?: dynamodb.Attribute): dynamodb.Table =>
  new dynamodb.Table(reference, id, { tableName, partitionKey, sortKey, removalPolicy });
const products = table("Products", "shop-products");
const discounts = table("Discounts", "shop-discounts", {
  name: "from",
  type: dynamodb.AttributeType.NUMBER,
});
const bucket = new s3.Bucket(reference, "Files", { bucketName: "shop-files", removalPolicy });

new MillraceStack(app, "shop", {
  plan: planApplication(application).plan,
  pipelines: fileURLToPath(new URL("./app.ts", import.meta.url)),
  lookups: {
    products: { table: products },
    discounts: { table: discounts },
    desks: { bucket, key: "office/desks.csv.gz" },
  },
});
app.synth();
