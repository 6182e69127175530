import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import { exportedApplication } from "../../shared/pipeline/exported-application.ts";
import { DOCUMENTS } from "./documents.ts";
import { moduleOf, withPipelines } from "./modules.ts";

const INDEX = "docs/operators/README.md";
const PAGES = DOCUMENTS.filter((document) => document.startsWith("docs/operators/") && document !== INDEX);

/**
 * Blocks `jsonl feed <stream>` are what goes in; `jsonl lake <table>` and `jsonl view <view>` what must come out,
 * `jsonl lookup <table>` or `csv lookup <table>` what is looked up, and `jsonl failed <operator>` on what, and with which
 * code, operators threw.
 */
function linesOf(
  page: string,
  kind: "feed" | "lake" | "view" | "failed" | "lookup",
): (readonly [name: string, rows: unknown[]])[] {
  const blocks = readFileSync(page, "utf8").matchAll(
    new RegExp(`^\`\`\`jsonl ${kind} (\\S+)\\n(.*?)^\`\`\``, "gms"),
  );
  return [...blocks].map(([, name = "", text = ""]) => [
    name,
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ]);
}

/** The text of tables in CSV. */
const csvIn = (page: string): (readonly [name: string, text: string])[] =>
  [...readFileSync(page, "utf8").matchAll(/^```csv lookup (\S+)\n(.*?)^```/gms)].map(
    ([, name = "", text = ""]) => [name, text],
  );

/** What each page has a section for, whatever else it says. */
const SECTIONS = ["at the edges", "state", "back pressure", "delivery"];

test.each(PAGES)("%s says what every page says", (page) => {
  const headings = [...readFileSync(page, "utf8").matchAll(/^## (.*)$/gm)]
    .map(([, heading]) => heading)
    .join(" ");
  for (const section of SECTIONS) expect(headings.toLowerCase()).toContain(section);
});

/** Pages that show part of a test have their example run there. */
const RUN_HERE = PAGES.filter((page) => moduleOf(page) !== "");

describe.each(RUN_HERE)("%s", (page) => {
  test("gives what it says from what it says", async () => {
    const fed = linesOf(page, "feed");
    const tables = linesOf(page, "lake");
    const views = linesOf(page, "view");
    const failed = new Map(linesOf(page, "failed"));
    expect(fed.length).toBeGreaterThan(0);
    expect(tables.length + views.length).toBeGreaterThan(0);
    await withPipelines([["example", moduleOf(page)]], async (root) => {
      const exported = await import(`${root}/pipelines/example.ts`);
      const lookups = Object.fromEntries([...linesOf(page, "lookup"), ...csvIn(page)]);
      const driver = await TestDriver.create(exportedApplication(exported, page), { lookups });
      for (const [stream, events] of fed) for (const event of events) await driver.feed(stream, [event]);
      await driver.end();
      const threw = Map.groupBy(driver.failed(), ({ operator }) => operator);
      expect([...threw.keys()].sort()).toEqual([...failed.keys()].sort());
      for (const [operator, rows] of failed)
        expect(threw.get(operator)?.map(({ payload, error: { code } }) => ({ code, payload }))).toEqual(rows);
      for (const [table, rows] of tables) expect(driver.lake(table), table).toEqual(rows);
      for (const [view, rows] of views) expect(driver.view(view), view).toEqual(rows);
    });
  });
});
