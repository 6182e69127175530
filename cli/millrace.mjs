#!/usr/bin/env node
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";

// Compiling the sources is half of what a start costs: the next one finds it done, in the system's temporary folder.
enableCompileCache();

// A clone has the sources, which Node runs as they are; the published package has what was built of them.
const source = new URL("./main.ts", import.meta.url);
await import(existsSync(source) ? source : new URL("../dist/cli/main.js", import.meta.url));
