import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ABOVE = fileURLToPath(new URL("..", import.meta.url));

/** The package's folder: in a clone the one above this, in the published package one further up, above dist/. */
export const ROOT: string = existsSync(join(ABOVE, "package.json"))
  ? ABOVE.replace(/[\\/]$/, "")
  : dirname(ABOVE);

/** What the command makes for itself in the folder where it runs, and may be deleted at any time. */
export const WORK: string = join(process.cwd(), ".millrace");
