import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";
import { DIMENSIONS, type Dimension, type Workload } from "./growth/dimensions.ts";
import type { Measured } from "./growth/measure.ts";
import { plot } from "./growth/plot.ts";
import { median } from "./report.ts";

type Result = { readonly x: number; readonly nanos: number; readonly rss: number };
type Results = readonly {
  readonly name: string;
  readonly unit: string;
  readonly curves: readonly { readonly name: string; readonly results: readonly Result[] }[];
}[];

/**
 * Claim: nothing that an event costs grows faster than it must with the number of keys, windows, partitions, with
 * disorder or the size of values. Each point in a process of its own; rounds in turns, their median.
 */
function growth(dimensions: readonly Dimension[], rounds: number): Results {
  const folder = mkdtempSync(join(tmpdir(), "millrace-growth-"));
  const script = join(folder, "measure.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "growth/measure.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: script,
  });
  const results = dimensions.map(({ name, unit, curves }) => {
    process.stderr.write(`${name} …\n`);
    return {
      name,
      unit,
      curves: curves.map((curve) => ({
        name: curve.name,
        results: curve.points.map(([x, workload]) => measured(script, x, workload, rounds)),
      })),
    };
  });
  rmSync(folder, { recursive: true });
  return results;
}

function measured(script: string, x: number, workload: Workload, rounds: number): Result {
  const runs = Array.from({ length: rounds }, (): Measured => {
    const args = ["--expose-gc", script, JSON.stringify(workload)];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
  });
  return {
    x,
    nanos: median(runs.map(({ nanosPerEvent }) => nanosPerEvent)),
    rss: median(runs.map(({ peakRssBytes }) => peakRssBytes)),
  };
}

/** As a Markdown table, one row a point. */
function table(results: Results): string {
  const rows = results.flatMap(({ name, unit, curves }) =>
    curves.flatMap((curve) =>
      curve.results.map(({ x, nanos, rss }, i) => {
        const first = curve.results[0]?.nanos ?? nanos;
        const label = i > 0 ? "" : curves.length > 1 ? `${name}: ${curve.name}` : name;
        return `| ${label} | ${x.toLocaleString("en")} ${i > 0 ? "" : unit} | ${thousands(1e9 / nanos)} | ${(nanos / first).toFixed(2)} | ${Math.round(rss / 1e6)} |`;
      }),
    ),
  );
  return ["| against | | events/CPU-s | cost of an event | peak MB |", "|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}

const thousands = (n: number): string => (Math.round(n / 1_000) * 1_000).toLocaleString("en");

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      /** A part of a dimension's name: that one is measured alone, and nothing is plotted. */
      only: { type: "string", default: "" },
      plot: { type: "string", default: join(import.meta.dirname, "../docs/growth.svg") },
    },
  });
  const dimensions = DIMENSIONS.filter(({ name }) => name.includes(values.only));
  const results = growth(dimensions, Number(values.rounds));
  console.log(table(results));
  const charts = results.map(({ name, unit, curves }) => ({
    title: name,
    unit,
    lines: curves.map((curve) => ({
      name: curve.name,
      points: curve.results.map(({ x, nanos }): [number, number] => [x, 1e9 / nanos]),
    })),
  }));
  if (dimensions.length === DIMENSIONS.length)
    writeFileSync(values.plot, plot(charts, "events per CPU-second, both axes logarithmic"));
}
