import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf, DOCUMENTS } from "./documents.ts";

/** A block that begins with a path shows a part of that file; all other blocks of a document are one module. */
const PATH = /^\/\/ (\S+\.ts)\n/;

type Excerpt = { readonly document: string; readonly path: string; readonly text: string };

const excerpts: readonly Excerpt[] = DOCUMENTS.flatMap((document) =>
  blocksOf(document, "ts").flatMap((block) => {
    const path = PATH.exec(block)?.[1];
    return path === undefined ? [] : [{ document, path, text: block.replace(PATH, "") }];
  }),
);

const modules: readonly (readonly [name: string, text: string])[] = DOCUMENTS.map((document) => [
  document.replaceAll(/[/.]/g, "-"),
  blocksOf(document, "ts")
    .filter((block) => !PATH.test(block))
    .join("\n"),
]);

const [, concepts = ""] = modules.find(([name]) => name === "docs-concepts-md") ?? [];

test.each(excerpts)("$document shows $path as it is", ({ path, text }) => {
  expect(readFileSync(path, "utf8")).toContain(text);
});

/** Puts modules where their readers would: into a folder pipelines/, with the project's shared/ beside it. */
function withPipelines<R>(
  texts: readonly (readonly [name: string, text: string])[],
  use: (root: string) => R,
): R {
  mkdirSync(".millrace", { recursive: true });
  const root = mkdtempSync(join(".millrace", "docs-"));
  try {
    mkdirSync(join(root, "pipelines"));
    symlinkSync(resolve("shared"), join(root, "shared"));
    for (const [name, text] of texts)
      writeFileSync(join(root, "pipelines", `${name}.ts`), `${text}\nexport {};\n`);
    return use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** What the compiler finds wrong. */
const compile = (texts: readonly (readonly [name: string, text: string])[]): string =>
  withPipelines(texts, (root) => {
    const tsconfig = {
      extends: resolve("tsconfig.json"),
      compilerOptions: { isolatedDeclarations: false, noUnusedLocals: false },
      include: ["pipelines"],
    };
    writeFileSync(join(root, "tsconfig.json"), JSON.stringify(tsconfig));
    return spawnSync(resolve("node_modules/.bin/tsc"), ["-p", root], { encoding: "utf8" }).stdout;
  });

describe("the examples in the documents", { timeout: 120_000 }, () => {
  test("compile under the project's settings", () => {
    expect(compile(modules.filter(([, text]) => text !== ""))).toBe("");
  });

  test("would not if a field were wrong", () => {
    expect(concepts).toContain('key: "customer"');
    const wrong = compile([["wrong", concepts.replace('key: "customer"', 'key: "costumer"')]]);
    expect(wrong).toContain("wrong.ts");
  });

  test("can be planned", () => {
    const { status, stderr } = withPipelines([["concepts", concepts]], (root) =>
      spawnSync(process.execPath, ["cli/main.ts", "plan", join(root, "pipelines", "concepts.ts")], {
        encoding: "utf8",
      }),
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
