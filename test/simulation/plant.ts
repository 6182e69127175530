import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Mutant } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Inside the project, so that its packages are found; git and all tools ignore it. */
const FOLDER = join(ROOT, ".millrace/mutants");
/** What a simulated run is made of. */
const PARTS = [
  "shared",
  "functions/aws",
  "functions/ingest",
  "local/models",
  "local/reference",
  "local/simulator",
  "test/simulation",
];

/** Copies the code, plants the fault and runs seeds on the copy until one fails; undefined where none does. */
export async function firstFailure(mutant: Mutant, seeds: number): Promise<string | undefined> {
  const copy = join(FOLDER, mutant.name.replaceAll(/\W+/g, "-"));
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  try {
    for (const part of PARTS) await cp(join(ROOT, part), join(copy, part), { recursive: true });
    await plant(mutant, copy);
    const { stdout } = await run(
      process.execPath,
      [join(copy, "test/simulation/find-failure.ts"), `${seeds}`],
      {
        timeout: 120_000,
      },
    );
    return stdout === "none failed" ? undefined : stdout;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** A text that is not there, or there twice, is a mutant that has outlived its code. */
async function plant({ name, file, from, to }: Mutant, root: string): Promise<void> {
  const path = join(root, file);
  const parts = (await readFile(path, "utf8")).split(from);
  if (parts.length !== 2)
    throw new RangeError(`mutant "${name}": ${file} has its text ${parts.length - 1} times`);
  await writeFile(path, parts.join(to));
}

const run = promisify(execFile);
