import * as z from "zod";
import { csv } from "../../../shared/csv.ts";
import { type Application, application, lake, pipeline, s3File, stream } from "../../../shared/index.ts";

const sales = stream("sales", {
  schema: z.strictObject({ currency: z.string(), at: z.int() }),
  time: "at",
  key: "currency",
});
const rates = s3File("rates", {
  schema: z.object({ currency: z.string(), euros: z.number() }),
  key: "currency",
  format: csv(),
});

const pipelines = [
  pipeline("sold", (p) => {
    p.from(sales).lookup(rates, { key: "currency" }).to(lake("sold"));
  }),
];

export const app: Application = application("csv", { streams: [sales], pipelines });
