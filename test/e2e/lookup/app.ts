import * as z from "zod";
import { csv } from "../../../shared/csv.ts";
import {
  type Application,
  application,
  dynamoTable,
  milliseconds,
  pipeline,
  s3File,
  stream,
  view,
} from "../../../shared/index.ts";

const Sale = z.strictObject({ id: z.string(), sku: z.string(), desk: z.string(), at: z.int() });
const sales = stream("sales", { schema: Sale, time: "at", key: "id", partitions: 2 });

// read anew for each commit, so that a test need not wait
const refresh = milliseconds(0);
const products = dynamoTable("products", {
  schema: z.object({ sku: z.string(), price: z.number() }),
  key: "sku",
  refresh,
});
const discounts = dynamoTable("discounts", {
  schema: z.object({ sku: z.string(), from: z.int(), percent: z.number() }),
  key: "sku",
  version: "from",
  refresh,
});
const desks = s3File("desks", {
  schema: z.object({ desk: z.string(), floor: z.int() }),
  key: "desk",
  format: csv({ delimiter: ";" }),
  refresh,
});

const priced = pipeline("priced", (p) => {
  p.from(sales)
    .lookup(products, { id: "product", key: "sku", as: "product" })
    .lookup(discounts, { id: "discount", key: "sku", as: "discount", type: "left" })
    .lookup(desks, { id: "desk", key: "desk", as: "place", type: "left" })
    .map(({ id, product, discount, place }) => ({
      id,
      price: product.price,
      percent: discount?.percent ?? 0,
      floor: place?.floor ?? null,
    }))
    .to(view("priced", { key: ({ id }) => id }));
});

export const app: Application = application("shop", { streams: [sales], pipelines: [priced] });
