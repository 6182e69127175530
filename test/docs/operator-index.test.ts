import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { stateTable } from "../../bench/operator-state.ts";
import { ERROR_CODES } from "../../shared/errors/codes.ts";
import { DOCUMENTS, linksOf } from "./documents.ts";

const INDEX = "docs/operators/README.md";
const text = readFileSync(INDEX, "utf8");

test("every operator's page has a row in the index", () => {
  const pages = readdirSync("docs/operators").filter((file) => file !== "README.md");
  const listed = linksOf(INDEX).filter((link) => !link.includes("/") && !link.startsWith("#"));
  expect([...new Set(listed)].sort()).toEqual(pages.sort());
});

test("the index shows the state that operators keep", () => {
  const [, section = ""] = text.split("\n## State\n");
  const rows = section.split("\n## ")[0]?.match(/^\|.*$/gm) ?? [];
  expect(rows.join("\n")).toBe(stateTable());
});

test("each row of the index says all of it", () => {
  const rows = text.split("\n").filter((line) => line.includes(".md)") && line.startsWith("| "));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row.replaceAll("\\|", "").split("|"), row).toHaveLength(7);
});

test("every error that a page of an operator names is one", () => {
  const pages = DOCUMENTS.filter((document) => /^docs\/(operators\/|migration|state)/.test(document));
  const named = pages.flatMap((page) => readFileSync(page, "utf8").match(/(?<=`)[A-Z]+_[A-Z_]+(?=`)/g) ?? []);
  expect(named.length).toBeGreaterThan(100);
  expect([...new Set(named)].filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
});
