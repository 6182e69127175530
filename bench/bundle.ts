import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { buildHandler } from "../infra/constructs/build-handler.ts";
import { app } from "../pipelines/index.ts";
import { planApplication } from "../shared/plan/planner.ts";
import { atMost, type Figure, median, print } from "./report.ts";

const ROOT = join(import.meta.dirname, "..");
const KB = 1_000;
/** Packages that are listed one by one. */
const LARGEST = 8;

export type BundleRun = { readonly starts: number };

/**
 * Claim: the stage function, SDK included, is under 300 KB, so that a cold start spends its time elsewhere. Built as
 * `cdk deploy` builds it; its import is timed in fresh processes, on the machine's own disk.
 */
export function bundleFigures({ starts }: BundleRun): Figure[] {
  const files = buildHandler(join(ROOT, "functions/stage/handler.ts"), ROOT);
  const code = files.find(({ name }) => name.endsWith(".mjs"))?.contents ?? new Uint8Array();
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
    { name: "stage bundle, import", value: importTime(code, starts), unit: "ms" },
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

/** The median of some fresh processes' time from the import's start to the handler, in milliseconds. */
function importTime(code: Uint8Array, starts: number): number {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  writeFileSync(join(folder, "index.mjs"), code);
  writeFileSync(
    join(folder, "time.mjs"),
    "const start = performance.now(); await import('./index.mjs'); console.log(performance.now() - start);",
  );
  const times = Array.from({ length: starts }, () =>
    Number(execFileSync(process.execPath, [join(folder, "time.mjs")], { env: stageSettings() })),
  );
  rmSync(folder, { recursive: true });
  return median(times);
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
