import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBounded } from "../../local/run/bounded-run.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { HAND_WRITTEN } from "./hand/loops.ts";
import { type Query, queryApplication } from "./queries.ts";

export const ENGINES = ["hand", "millrace", "duckdb"] as const;
export type Engine = (typeof ENGINES)[number];

/** Runs a query over a file once and says how many events there were. */
async function run(engine: Engine, query: Query, input: string, folder: string): Promise<number> {
  const output = join(folder, `${query}.jsonl`);
  if (engine === "hand") return HAND_WRITTEN[query](input, output);
  if (engine === "duckdb") return (await import("./duckdb.ts")).duckDbRows(query, input, output);
  const { events } = await runBounded({
    application: queryApplication(query),
    inputs: new Map([["nexmark", input]]),
    output: folder,
    clock: systemClock,
  });
  return events;
}

/** One measurement, in a process of its own: its CPU time is that of all its threads, the collector's too. */
export type Measured = { readonly events: number; readonly cpuSeconds: number };

if (import.meta.main) {
  const [engine, query, input] = process.argv.slice(2) as [Engine, Query, string];
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const before = process.cpuUsage();
  const events = await run(engine, query, input, folder);
  const { user, system } = process.cpuUsage(before);
  rmSync(folder, { recursive: true });
  console.log(JSON.stringify({ events, cpuSeconds: (user + system) / 1e6 } satisfies Measured));
}
