import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = import.meta.url;

/** A module of this package, by its path without extension: `.ts` in a clone, `.js` as published. */
export const ownFile = (path: string): string =>
  fileURLToPath(new URL(`../../${path}${extname(fileURLToPath(HERE))}`, HERE));
