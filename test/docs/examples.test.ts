import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf, DOCUMENTS } from "./documents.ts";
import { moduleOf, PATH, withPipelines } from "./modules.ts";

type Excerpt = { readonly document: string; readonly path: string; readonly text: string };

const excerpts: readonly Excerpt[] = DOCUMENTS.flatMap((document) =>
  blocksOf(document, "ts").flatMap((block) => {
    const path = PATH.exec(block)?.[1];
    return path === undefined ? [] : [{ document, path, text: block.replace(PATH, "") }];
  }),
);

const modules: readonly (readonly [name: string, text: string])[] = DOCUMENTS.map((document) => [
  document.replaceAll(/[/.]/g, "-"),
  moduleOf(document),
]);

const [, concepts = ""] = modules.find(([name]) => name === "docs-concepts-md") ?? [];

test.each(excerpts)("$document shows $path as it is", ({ path, text }) => {
  expect(readFileSync(path, "utf8")).toContain(text);
});

/** What the compiler finds wrong. */
const compile = (texts: readonly (readonly [name: string, text: string])[]): Promise<string> =>
  withPipelines(texts, (root) => {
    const tsconfig = {
      extends: resolve("tsconfig.json"),
      compilerOptions: { isolatedDeclarations: false, noUnusedLocals: false },
      include: ["pipelines"],
    };
    writeFileSync(join(root, "tsconfig.json"), JSON.stringify(tsconfig));
    return spawnSync(resolve("node_modules/.bin/tsc"), ["-p", root], { encoding: "utf8" }).stdout;
  });

describe("the examples in the documents", () => {
  test("compile under the project's settings", async () => {
    expect(await compile(modules.filter(([, text]) => text !== ""))).toBe("");
  });

  test("would not if a field were wrong", async () => {
    expect(concepts).toContain('key: "customer"');
    const wrong = await compile([["wrong", concepts.replace('key: "customer"', 'key: "costumer"')]]);
    expect(wrong).toContain("wrong.ts");
  });

  test("can be planned", async () => {
    const { status, stderr } = await withPipelines([["concepts", concepts]], (root) =>
      spawnSync(process.execPath, ["cli/main.ts", "plan", join(root, "pipelines", "concepts.ts")], {
        encoding: "utf8",
      }),
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
