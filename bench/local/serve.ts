import { writeSync } from "node:fs";
import { enableCompileCache } from "node:module";

/** A local cloud in a process of its own, as `millrace dev` starts one: `node serve.ts <template folder> <port>`. */
enableCompileCache();
const { startCloud } = await import("../../local/cloud.ts");
const [templateDir = "", port = "0"] = process.argv.slice(2);
const cloud = await startCloud({ templateDir, port: Number(port), limits: "off" });
writeSync(1, `${JSON.stringify({ apiUrl: cloud.apiUrl("/") })}\n`);
process.once("SIGTERM", () => void cloud.close().then(() => process.exit(0)));
