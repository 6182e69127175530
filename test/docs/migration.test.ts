import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { application, type Pipeline } from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { moduleOf, withPipelines } from "./modules.ts";

const PAGE = "docs/migration.md";

/** The second column of every table: what one writes. */
const SNIPPETS = readFileSync(PAGE, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| you had"))
  .map((row) => /^`(.+)`$/.exec(row.slice(2, -2).split(" | ")[1] ?? "")?.[1] ?? row);

const whole = (snippet: string): string =>
  snippet.startsWith(".") ? `p.from(orders).keyBy("customer")${snippet}` : snippet;

/** The page's own streams, and a pipeline for each snippet, which ends in a table. */
const module = (snippets: readonly string[]): string => `
import * as all from "../shared/index.ts";
const { ${NAMES.join(", ")} } = all;
${moduleOf(PAGE)}
const end = (it: unknown, name: string): void => {
  if (typeof it === "object" && it !== null && "to" in it && typeof it.to === "function") it.to(all.lake(name));
};
export const streams = [orders, payments, rates];
export const built = [
${snippets.map((snippet, i) => `  all.pipeline("p${i}", (p) => end(${whole(snippet)}, "t${i}")),`).join("\n")}
];
`;

/** What the snippets call, besides what the page imports itself. */
const NAMES = [
  ...[
    "collect",
    "count",
    "cumulating",
    "custom",
    "customWindows",
    "days",
    "dynamoTable",
    "epochMs",
    "global",
    "hopping",
    "hours",
  ],
  ...["milliseconds", "minutes", "pattern", "session", "sum", "tumbling", "valueState", "view"],
];

const compiled = (snippets: readonly string[]): Promise<string> =>
  withPipelines([["migration", module(snippets)]], (root) => {
    const compilerOptions = { isolatedDeclarations: false, noUnusedLocals: false, noUnusedParameters: false };
    const tsconfig = { extends: resolve("tsconfig.json"), compilerOptions, include: ["pipelines"] };
    writeFileSync(join(root, "tsconfig.json"), JSON.stringify(tsconfig));
    return spawnSync(resolve("node_modules/.bin/tsc"), ["-p", root], { encoding: "utf8" }).stdout;
  });

test("every row says what one writes", () => {
  expect(SNIPPETS.length).toBeGreaterThan(50);
  expect(SNIPPETS.filter((snippet) => snippet.startsWith("|"))).toEqual([]);
});

describe("what one writes", () => {
  test("compiles under the project's settings", async () => {
    expect(await compiled(SNIPPETS)).toBe("");
  });

  test("would not if a field were wrong", async () => {
    expect(await compiled(['p.from(orders).keyBy("costumer")'])).toContain("TS2769");
  });

  test("can be planned", async () => {
    await withPipelines([["migration", module(SNIPPETS)]], async (root) => {
      const { streams, built } = await import(`${root}/pipelines/migration.ts`);
      for (const [i, one] of (built as Pipeline[]).entries()) {
        if (!one.nodes.some(({ spec }) => spec.kind === "sink")) continue;
        const plan = () => planApplication(application("shop", { streams, pipelines: [one] }));
        expect(plan, SNIPPETS[i]).not.toThrow();
      }
    });
  });
});
