import { expect, test } from "vitest";
import { formatByName } from "../../../shared/operators/lookup/file-format.ts";

test.each([
  ["rates.csv", "csv"],
  ["eu/rates.CSV.GZ", "csv"],
  ["rates.tsv", "csv"],
  ["rates.jsonl", "jsonl"],
  ["rates.ndjson.gz", "jsonl"],
  ["rates.json", "jsonl"],
  ["rates", undefined],
  ["rates.csv/part-0", undefined],
  ["rates.gz", undefined],
])("the name %s says %s", (name, format) => {
  expect(formatByName(name)).toBe(format);
});
