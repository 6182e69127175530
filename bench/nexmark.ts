import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";
import { buildFlink, checkFlink, measuredFlink } from "./nexmark/flink.ts";
import { writeNexmark } from "./nexmark/generate.ts";
import type { Engine, Measured } from "./nexmark/measure.ts";
import { QUERIES, type Query } from "./nexmark/queries.ts";
import { atLeast, type Figure, median, print } from "./report.ts";

const MEASURE = join(import.meta.dirname, "nexmark/measure.ts");

/** Of the speed of a hand-written loop, over JSON lines. */
const AIM = 1;
/** Of the speed of Flink with one slot; both drop their rows. */
const FLINK_AIM = 3;

/** Flink runs in Java, the others in Node. */
type Peer = Engine | "flink";

export type NexmarkRun = {
  readonly events: number;
  readonly rounds: number;
  readonly queries: readonly Query[];
  /** The loop and Millrace, and which others; with Flink, also Millrace with its rows dropped. */
  readonly engines: readonly Peer[];
};

/** One query's measurements of one round. */
type Round = ReadonlyMap<Peer, Measured>;

/**
 * Claim: with JSON lines in and out, a pipeline is no slower than a loop written by hand for that one query, which
 * parses every line whole; with rows dropped, it is three times as fast as Flink. All read the same file, each in a
 * process of its own, in turns: what else the machine does meanwhile meets all alike. Each query's figures come as
 * soon as it ends.
 */
export async function* nexmarkFigures({
  events,
  rounds,
  queries,
  engines,
}: NexmarkRun): AsyncGenerator<Figure[]> {
  const flink = engines.includes("flink") ? buildFlink() : undefined;
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  try {
    const input = join(folder, "events.jsonl");
    writeNexmark(input, { events, seed: 1, rate: 10_000, maxDelay: 0 });
    const bundled = bundle(folder);
    const measure = (engine: Peer, query: Query): Measured => {
      if (engine !== "flink") return measured(engine === "duckdb" ? MEASURE : bundled, engine, query, input);
      if (flink === undefined) throw new Error("Flink is not built");
      return measuredFlink(flink, query, input, events);
    };
    for (const query of queries) {
      if (flink !== undefined) await checkFlink(flink, query);
      const runs = Array.from(
        { length: rounds },
        () => new Map(engines.map((engine) => [engine, measure(engine, query)])),
      );
      for (const round of runs) checkRows(query, round);
      yield figuresOf(query, engines, runs);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Those of all queries, at the end. */
export async function allNexmarkFigures(run: NexmarkRun): Promise<Figure[]> {
  const all: Figure[] = [];
  for await (const figures of nexmarkFigures(run)) all.push(...figures);
  return all;
}

function figuresOf(query: Query, engines: readonly Peer[], runs: readonly Round[]): Figure[] {
  const speed = (round: Round, engine: Peer): number => {
    const { events, cpuSeconds } = round.get(engine) ?? { events: Number.NaN, cpuSeconds: 1 };
    return events / cpuSeconds;
  };
  const ratio = (of: Engine, to: Peer): number =>
    median(runs.map((round) => speed(round, of) / speed(round, to)));
  const figures: Figure[] = engines.map((engine) => ({
    name: `nexmark ${query}, ${engine}`,
    value: median(runs.map((round) => speed(round, engine))),
    unit: "events/CPU-s",
  }));
  const ofHand = ratio("millrace", "hand");
  figures.push({ name: `nexmark ${query}`, value: ofHand, unit: "of hand-written", aim: atLeast(AIM) });
  if (engines.includes("flink")) {
    const ofFlink = ratio("dropping", "flink");
    figures.push({
      name: `nexmark ${query}, of flink`,
      value: ofFlink,
      unit: "dropping",
      aim: atLeast(FLINK_AIM),
    });
  }
  return figures;
}

/** @throws Error where rows were dropped that are not as many as were written */
function checkRows(query: Query, round: Round): void {
  const dropped = round.get("dropping");
  if (dropped !== undefined && dropped.rows !== round.get("millrace")?.rows)
    throw new Error(`${query} dropped ${dropped.rows} rows, and wrote ${round.get("millrace")?.rows}`);
}

/**
 * All but DuckDB and Flink run from one bundle, as a Lambda would: Node's stripping of types, and the compiling of what strips them,
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
      flink: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const engines: NexmarkRun["engines"] = [
    "hand",
    "millrace",
    ...(values.dropping || values.flink ? (["dropping"] as const) : []),
    ...(values.duckdb ? (["duckdb"] as const) : []),
    ...(values.flink ? (["flink"] as const) : []),
  ];
  const run: NexmarkRun = {
    events: Number(values.events),
    rounds: Number(values.rounds),
    queries: QUERIES.filter((query) => values.query?.includes(query) ?? true),
    engines,
  };
  if (values.json) print(await allNexmarkFigures(run), true);
  else for await (const figures of nexmarkFigures(run)) print(figures, false);
}
