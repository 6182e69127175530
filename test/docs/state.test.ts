import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import { exportedApplication } from "../../shared/pipeline/exported-application.ts";
import { moduleOf, withPipelines } from "./modules.ts";

const PAGE = "docs/state.md";
const page = readFileSync(PAGE, "utf8");
const blocks = (language: string): (readonly [names: string[], text: string])[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language} ([^\\n]+)\\n(.*?)^\`\`\``, "gms"))].map(
    ([, names = "", text = ""]) => [names.split(" "), text],
  );

test("docs/state.md tells of its example what a query tells", async () => {
  await withPipelines([["example", moduleOf(PAGE)]], async (root) => {
    const exported = await import(`${root}/pipelines/example.ts`);
    const driver = await TestDriver.create(exportedApplication(exported, PAGE));
    for (const [[, stream = ""], text] of blocks("jsonl"))
      for (const line of text.trim().split("\n")) await driver.feed(stream, [JSON.parse(line)]);
    const told = blocks("json");
    expect(told).toHaveLength(2);
    for (const [[, pipeline = "", operator = "", key = ""], text] of told)
      expect(await driver.state(pipeline, operator, key)).toEqual(JSON.parse(text));
    expect(driver.failed()).toEqual([]);
  });
});
