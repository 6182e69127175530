import { spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { expect, onTestFinished, test } from "vitest";
import { type BuiltFile, buildHandler, buildHandlers } from "../../infra/constructs/build-handler.ts";
import { Bundle } from "../../infra/constructs/bundle.ts";

/** Makes a bundle of the files, of which `functions/stage/handler.ts` is the entry. */
function bundled(files: Readonly<Record<string, string>>): { bundle: Bundle; asset: string } {
  const root = mkdtempSync(join(tmpdir(), "millrace-sources-"));
  const outdir = mkdtempSync(join(tmpdir(), "millrace-out-"));
  onTestFinished(() => {
    for (const folder of [root, outdir]) rmSync(folder, { recursive: true });
  });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const stack = new Stack(new App({ outdir, analyticsReporting: false }), "Stack");
  const bundle = new Bundle(stack, "Bundle", { entry: join(root, "functions/stage/handler.ts"), root });
  const asset = readdirSync(outdir).find((name) => name.startsWith("asset.")) ?? "";
  return { bundle, asset: join(outdir, asset) };
}

/** Calls the bundle's handler in a Node process of its own and returns what that printed. */
function run(asset: string): string {
  const script = `const { handler } = await import(${JSON.stringify(join(asset, "index.mjs"))}); console.log(await handler());`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--enable-source-maps", "--input-type=module", "-e", script],
    { encoding: "utf8" },
  );
  return status === 0 ? stdout.trim() : stderr;
}

test("a bundle is one module with all that it imports, and its source map", () => {
  const { asset } = bundled({
    "functions/stage/handler.ts":
      'import { two } from "../../shared/two.ts";\nexport const handler = async () => two;',
    "shared/two.ts": "export const two: number = 2;",
  });
  expect(readdirSync(asset).sort()).toEqual(["index.mjs", "index.mjs.map"]);
  expect(run(asset)).toBe("2");
});

test("a bundle may have CommonJS in it that requires a module of Node's own", () => {
  const { asset } = bundled({
    "functions/stage/handler.ts":
      'import os from "./old.cjs";\nexport const handler = async () => typeof os.cpus;',
    "functions/stage/old.cjs": 'module.exports = require("node:os");',
  });
  expect(run(asset)).toBe("function");
});

test("an error in a bundle names the line of the source", () => {
  const { asset } = bundled({
    "functions/stage/handler.ts":
      'type A = 1;\n\nexport const handler = async () => {\n  throw new Error("x");\n};',
  });
  expect(run(asset)).toMatch(/functions\/stage\/handler\.ts:4/);
});

test("the same sources make the same version wherever they are, others another", () => {
  const source = (n: number) => ({ "functions/stage/handler.ts": `export const handler = () => ${n};` });
  expect(bundled(source(1)).bundle.version).toBe(bundled(source(1)).bundle.version);
  expect(bundled(source(1)).bundle.version).not.toBe(bundled(source(2)).bundle.version);
});

test("a bundle of something that does not compile is refused", () => {
  expect(() => bundled({ "functions/stage/handler.ts": "export const handler = ;" })).toThrow(
    /Unexpected ";"/,
  );
});

test("handlers that are built together are byte for byte what they are alone", () => {
  const functions = fileURLToPath(new URL("../../functions", import.meta.url));
  const entries = new Map(["query", "clock"].map((name) => [name, join(functions, name, "handler.ts")]));
  const root = dirname(functions);
  const together = buildHandlers(entries, root);
  expect([...together.keys()]).toEqual(["query", "clock"]);
  for (const [name, entry] of entries)
    expect(together.get(name)?.map(hashed)).toEqual(buildHandler(entry, root).map(hashed));
});

const hashed = ({ name, contents }: BuiltFile) => [
  name,
  contents.byteLength,
  hash("sha256", contents, "hex"),
];
