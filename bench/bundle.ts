import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { type BuiltFile, buildHandler } from "../infra/constructs/build-handler.ts";
import { app } from "../pipelines/index.ts";
import { planApplication } from "../shared/plan/planner.ts";
import { atMost, type Figure, median, print } from "./report.ts";

const ROOT = join(import.meta.dirname, "..");
const KB = 1_000;
const SDK = ["@aws-sdk/*", "@smithy/*"];
/** Packages that are listed one by one. */
const LARGEST = 8;

export type BundleRun = { readonly starts: number };

/**
 * Claim: the stage function, SDK included, is under 300 KB, so that a cold start spends its time elsewhere. Built as
 * `cdk deploy` builds it; its import is timed in fresh processes, on the machine's own disk.
 */
export function bundleFigures({ starts }: BundleRun): Figure[] {
  const entry = join(ROOT, "functions/stage/handler.ts");
  const files = buildHandler(entry, ROOT);
  const code = codeOf(files);
  const map = files.find(({ name }) => name.endsWith(".map"))?.contents ?? new Uint8Array();
  const sizes = [...sizesByPackage(code, map)].sort(([, a], [, b]) => b - a);
  return [
    { name: "stage bundle", value: code.length / KB, unit: "KB", aim: atMost(300) },
    { name: "stage bundle, gzip", value: gzipSync(code).length / KB, unit: "KB" },
    ...sizes.slice(0, LARGEST).map(([name, bytes]) => ({
      name: `stage bundle: ${name}`,
      value: bytes / KB,
      unit: "KB",
    })),
    ...importFigures(code, codeOf(buildHandler(entry, ROOT, { leaveOut: SDK })), starts),
  ];
}

/** Whose bytes they are, by the source map. */
function sizesByPackage(code: Uint8Array, map: Uint8Array): Map<string, number> {
  const sources = new SourceMap(JSON.parse(Buffer.from(map).toString()));
  const sizes = new Map<string, number>();
  const lines = Buffer.from(code).toString().split("\n");
  for (const [line, text] of lines.entries())
    for (let column = 0; column < text.length; column += 1) {
      const entry = sources.findEntry(line, column);
      const owner = "originalSource" in entry ? ownerOf(entry.originalSource) : "esbuild";
      sizes.set(owner, (sizes.get(owner) ?? 0) + 1);
    }
  return sizes;
}

/** The package of a source, or the project's own folder. */
function ownerOf(source: string): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
  return inPackage ?? /(shared|functions|pipelines)\//.exec(source)?.[0] ?? source;
}

const codeOf = (files: readonly BuiltFile[]): Uint8Array =>
  files.find(({ name }) => name.endsWith(".mjs"))?.contents ?? new Uint8Array();

/**
 * What leaving the SDK to the runtime would change. Its copy is stood in for by the project's own packages, which are
 * as many files; both are loaded in turns.
 */
function importFigures(bundled: Uint8Array, slim: Uint8Array, starts: number): Figure[] {
  const pairs = Array.from({ length: starts }, () => [importTime(bundled), importTime(slim)] as const);
  const [whole, without] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
  return [
    { name: "stage bundle, import", value: whole, unit: "ms" },
    { name: "stage bundle without the SDK", value: slim.length / KB, unit: "KB" },
    { name: "stage bundle without the SDK, import", value: without / whole, unit: "of the bundle's" },
  ];
}

/** A fresh process' time from the import's start to the handler, in milliseconds. */
function importTime(code: Uint8Array): number {
  mkdirSync(join(ROOT, ".millrace"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".millrace/bench-"));
  writeFileSync(join(folder, "index.mjs"), code);
  writeFileSync(
    join(folder, "time.mjs"),
    "const start = performance.now(); await import('./index.mjs'); console.log(performance.now() - start);",
  );
  const time = Number(execFileSync(process.execPath, [join(folder, "time.mjs")], { env: stageSettings() }));
  rmSync(folder, { recursive: true });
  return time;
}

/** What the function is told where it is deployed. */
function stageSettings(): Readonly<Record<string, string>> {
  const [stage = ""] = planApplication(app).stages.keys();
  return {
    AWS_REGION: "eu-central-1",
    MILLRACE_STAGE: stage,
    MILLRACE_STREAMS: "{}",
    MILLRACE_LOG_TABLE: "log",
    MILLRACE_VIEWS_TABLE: "views",
    MILLRACE_FAILED_TABLE: "failed",
    MILLRACE_BUCKET: "bucket",
    MILLRACE_CODE_VERSION: "bench",
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { starts: { type: "string", default: "20" }, json: { type: "boolean", default: false } },
  });
  print(bundleFigures({ starts: Number(values.starts) }), values.json);
}
