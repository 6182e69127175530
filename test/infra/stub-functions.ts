import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of handlers that do nothing: what a template says does not depend on what its functions do. */
export function stubFunctions(): string {
  const folder = join(mkdtempSync(join(tmpdir(), "millrace-handlers-")), "functions");
  for (const name of ["ingest", "stage", "lake", "clock", "query"]) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "handler.ts"), `export const handler = () => "${name}";\n`);
  }
  return folder;
}
