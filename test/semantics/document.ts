import { readFileSync } from "node:fs";
import { CASES } from "./cases.ts";
import { DIFFERENCES } from "./differences.ts";
import { SOURCES } from "./sources.ts";

const text = readFileSync("docs/semantics.md", "utf8");

/** The rows of a table of docs/semantics.md, below the heading. */
export function rowsBelow(heading: string): string[] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2);
}

/** What the table of differences must say. */
export const differenceRows = (): string[] =>
  Object.values(DIFFERENCES).map(
    ({ what, millrace, beam, flink, kafka, why }) =>
      `| ${[what, millrace, beam, flink, kafka, why].join(" | ")} |`,
  );

/** What the table of cases must say. */
export const caseRows = (): string[] =>
  Object.entries(CASES).map(
    ([topic, cases]) =>
      `| ${topic} | ${cases.length} | ${cases.filter(({ differs }) => differs !== undefined).length} |`,
  );

/** What the table of definitions must say. */
export const sourceRows = (): string[] =>
  Object.values(SOURCES).map(({ of, url, section, says }) => `| ${of} | [${section}](${url}) | ${says} |`);
