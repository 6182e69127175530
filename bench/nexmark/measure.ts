import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBounded } from "../../local/run/bounded-run.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { HAND_WRITTEN } from "./hand/loops.ts";
import { type Query, queryApplication } from "./queries.ts";

/** `dropping` is Millrace that makes its rows and drops them, as Flink does in its own runs of Nexmark. */
export type Engine = "hand" | "millrace" | "dropping" | "duckdb";

/** What a query was given and, where it says so, gave. */
type Counted = { readonly events: number; readonly rows?: number | undefined };

/** Runs a query over a file once. */
async function run(engine: Engine, query: Query, input: string, folder: string): Promise<Counted> {
  const output = join(folder, `${query}.jsonl`);
  if (engine === "hand") return { events: HAND_WRITTEN[query](input, output) };
  if (engine === "duckdb")
    return { events: await (await import("./duckdb.ts")).duckDbRows(query, input, output) };
  const { events, sinks } = await runBounded({
    application: queryApplication(query),
    inputs: new Map([["nexmark", input]]),
    output: engine === "dropping" ? undefined : folder,
    clock: systemClock,
  });
  return { events, rows: sinks[query] };
}

/** One measurement, in a process of its own: its CPU time is that of all its threads, the collector's too. */
export type Measured = Counted & { readonly cpuSeconds: number };

if (import.meta.main) {
  const [engine, query, input] = process.argv.slice(2) as [Engine, Query, string];
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const before = process.cpuUsage();
  const counted = await run(engine, query, input, folder);
  const { user, system } = process.cpuUsage(before);
  rmSync(folder, { recursive: true });
  console.log(JSON.stringify({ ...counted, cpuSeconds: (user + system) / 1e6 } satisfies Measured));
}
