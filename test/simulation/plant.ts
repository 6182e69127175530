import { readFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import type { Mutant } from "./mutants/mutant.ts";

const ROOT = new URL("../../", import.meta.url);

/**
 * The files of a fault with it in them, by their URL.
 * @throws RangeError for a text that is not there, or there twice: a mutant that has outlived its code
 */
export async function planted({ name, edits }: Mutant): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const url = new URL(file, ROOT);
    const parts = (files.get(url.href) ?? (await readFile(url, "utf8"))).split(from);
    if (parts.length !== 2)
      throw new RangeError(`mutant "${name}": ${file} has its text ${parts.length - 1} times`);
    files.set(url.href, parts.join(to));
  }
  return files;
}

/**
 * Plants a fault into the code that this process imports from now on; the files stay as they are.
 * @throws RangeError for a mutant that has outlived its code
 */
export async function plant(mutant: Mutant): Promise<void> {
  const files = await planted(mutant);
  registerHooks({
    load(url, context, next) {
      const source = files.get(url);
      return source === undefined ? next(url, context) : { ...next(url, context), source };
    },
  });
}
