import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";
import { writeNexmark } from "./nexmark/generate.ts";
import type { Engine, Measured } from "./nexmark/measure.ts";
import { QUERIES, type Query } from "./nexmark/queries.ts";
import { atLeast, type Figure, median, print } from "./report.ts";

const MEASURE = join(import.meta.dirname, "nexmark/measure.ts");

/** Of the speed of a hand-written loop, over JSON lines. */
const AIM = 1;

export type NexmarkRun = {
  readonly events: number;
  readonly rounds: number;
  readonly queries: readonly Query[];
  /** Also Millrace with its rows made and dropped. */
  readonly dropping: boolean;
  /** Also DuckDB, on one thread. */
  readonly duckdb: boolean;
};

/**
 * Claim: with JSON lines in and out, a pipeline is no slower than a loop written by hand for that one query, which
 * parses every line whole. Both read the same file, each in a process of its own, in turns: what else the machine does meanwhile
 * meets both alike.
 */
export function nexmarkFigures({ events, rounds, queries, dropping, duckdb }: NexmarkRun): Figure[] {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const input = join(folder, "events.jsonl");
  writeNexmark(input, { events, seed: 1, rate: 10_000, maxDelay: 0 });
  const engines: Engine[] = ["hand", "millrace"];
  if (dropping) engines.push("dropping");
  if (duckdb) engines.push("duckdb");
  const bundled = bundle(folder);
  const measure = (engine: Engine, query: Query): Measured =>
    measured(engine === "duckdb" ? MEASURE : bundled, engine, query, input);
  const figures = queries.flatMap((query) => figuresOf(query, engines, rounds, measure));
  rmSync(folder, { recursive: true });
  return figures;
}

function figuresOf(
  query: Query,
  engines: readonly Engine[],
  rounds: number,
  measure: (engine: Engine, query: Query) => Measured,
): Figure[] {
  const runs = Array.from(
    { length: rounds },
    () => new Map(engines.map((engine) => [engine, measure(engine, query)])),
  );
  for (const round of runs) checkRows(query, round);
  const speed = (round: ReadonlyMap<Engine, Measured>, engine: Engine): number => {
    const { events, cpuSeconds } = round.get(engine) ?? { events: Number.NaN, cpuSeconds: 1 };
    return events / cpuSeconds;
  };
  const of = (engine: Engine): number[] => runs.map((round) => speed(round, engine));
  const ratios = runs.map((round) => speed(round, "millrace") / speed(round, "hand"));
  return [
    ...engines.map((engine) => ({
      name: `nexmark ${query}, ${engine}`,
      value: median(of(engine)),
      unit: "events/CPU-s",
    })),
    { name: `nexmark ${query}`, value: median(ratios), unit: "of hand-written", aim: atLeast(AIM) },
  ];
}

/** @throws Error where rows were dropped that are not as many as were written */
function checkRows(query: Query, round: ReadonlyMap<Engine, Measured>): void {
  const dropped = round.get("dropping");
  if (dropped !== undefined && dropped.rows !== round.get("millrace")?.rows)
    throw new Error(`${query} dropped ${dropped.rows} rows, and wrote ${round.get("millrace")?.rows}`);
}

/**
 * Both run from one bundle, as a Lambda would: Node's stripping of types, and the compiling of what strips them,
 * goes on in other threads for a second and would be counted.
 */
function bundle(folder: string): string {
  const script = join(folder, "measure.mjs");
  buildSync({
    entryPoints: [MEASURE],
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["./duckdb.ts"],
    outfile: script,
  });
  return script;
}

const measured = (script: string, engine: Engine, query: Query, input: string): Measured =>
  JSON.parse(execFileSync(process.execPath, [script, engine, query, input], { encoding: "utf8" }));

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "1000000" },
      rounds: { type: "string", default: "5" },
      query: { type: "string", multiple: true },
      dropping: { type: "boolean", default: false },
      duckdb: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const queries = QUERIES.filter((query) => values.query?.includes(query) ?? true);
  const { dropping, duckdb, json } = values;
  const [events, rounds] = [Number(values.events), Number(values.rounds)];
  print(nexmarkFigures({ events, rounds, queries, dropping, duckdb }), json);
}
