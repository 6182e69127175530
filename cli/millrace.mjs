#!/usr/bin/env node
import { existsSync } from "node:fs";

// A clone has the sources, which Node runs as they are; the published package has what was built of them.
const source = new URL("./main.ts", import.meta.url);
await import(existsSync(source) ? source : new URL("../dist/cli/main.js", import.meta.url));
