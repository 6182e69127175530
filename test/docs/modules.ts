import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { blocksOf } from "./documents.ts";

/** A block that begins with a path shows a part of that file; all other blocks of a document are one module. */
export const PATH: RegExp = /^\/\/ (\S+\.ts)\n/;

/** The module that a document's blocks make. */
export const moduleOf = (document: string): string =>
  blocksOf(document, "ts")
    .filter((block) => !PATH.test(block))
    .join("\n");

/** Puts modules where their readers would: into a folder pipelines/, with the project's shared/ beside it. */
export async function withPipelines<R>(
  texts: readonly (readonly [name: string, text: string])[],
  use: (root: string) => R | Promise<R>,
): Promise<R> {
  mkdirSync(".millrace", { recursive: true });
  const root = resolve(mkdtempSync(join(".millrace", "docs-")));
  try {
    mkdirSync(join(root, "pipelines"));
    symlinkSync(resolve("shared"), join(root, "shared"));
    for (const [name, text] of texts)
      writeFileSync(join(root, "pipelines", `${name}.ts`), `${text}\nexport {};\n`);
    return await use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}
