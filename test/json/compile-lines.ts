import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const ROOT = join(import.meta.dirname, "../..");
const SOURCE = "shared/json/assembly/lines.ts";
const TARGET = join(ROOT, "shared/json/lines.wasm.ts");
/** Of 64 KB: what comes before the lines, and a line of a megabyte. */
const PAGES = 19;

/** What `shared/json/lines.wasm.ts` is to be: the bytes that AssemblyScript makes of its source. */
export async function compiledLines(): Promise<string> {
  const how = ["-O3", "--converge", "--noAssert", "--enable", "simd", "--runtime", "stub"];
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [SOURCE, "--baseDir", ROOT, ...how, "--initialMemory", `${PAGES}`, "-o", "lines.wasm"],
    {
      writeFile: (_name, contents) => {
        wasm = contents as Uint8Array;
      },
    },
  );
  if (error !== null || wasm === undefined)
    throw new Error(`${SOURCE}: ${stderr.toString()}`, { cause: error });
  return `// Compiled from assembly/lines.ts by \`npm run build:wasm\`: not to be changed by hand.\nexport const LINES_WASM =\n  "${Buffer.from(wasm).toString("base64")}";\n`;
}

export const writtenLines = (): string => readFileSync(TARGET, "utf8");

if (import.meta.main) writeFileSync(TARGET, await compiledLines());
