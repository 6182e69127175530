import { readFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import type { Mutant } from "./mutants/mutant.ts";

const ROOT = new URL("../../", import.meta.url);

/**
 * Plants a fault into the code that this process imports from now on; the files stay as they are.
 * @throws RangeError for a text that is not there, or there twice: a mutant that has outlived its code
 */
export async function plant({ name, edits }: Mutant): Promise<void> {
  const planted = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const url = new URL(file, ROOT);
    const parts = (planted.get(url.href) ?? (await readFile(url, "utf8"))).split(from);
    if (parts.length !== 2)
      throw new RangeError(`mutant "${name}": ${file} has its text ${parts.length - 1} times`);
    planted.set(url.href, parts.join(to));
  }
  registerHooks({
    load(url, context, next) {
      const source = planted.get(url);
      return source === undefined ? next(url, context) : { ...next(url, context), source };
    },
  });
}
