import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

/** What the command makes for itself, and may be deleted at any time. */
export const WORK: string = join(ROOT, ".millrace");
