import type { JobResult } from "../local/dev/job.ts";
import type { RunStats } from "../local/run/bounded-run.ts";
import { columns, grouped } from "./numbers.ts";
import type { Colors } from "./terminal.ts";

/** What a bounded run came to. */
export function runSummary(stats: RunStats, output: string, c: Colors): string {
  return [
    columns([
      ["events", grouped(stats.events)],
      ["late", grouped(stats.late)],
      ["failed", grouped(stats.failed)],
      ...(stats.unmatched === undefined ? [] : [["without a row", grouped(stats.unmatched)] as const]),
      ...sinkRows(stats.sinks),
      ["seconds", stats.seconds.toFixed(1)],
      ["events per CPU second", grouped(stats.eventsPerCpuSecond)],
    ]),
    `  ${c.dim("in")} ${output}`,
  ].join("\n");
}

/** What a job came to. */
export const jobSummary = (result: JobResult): string =>
  columns([
    ["events sent", grouped(result.input)],
    ["accepted", grouped(result.accepted)],
    ["late", grouped(result.late)],
    ["failed", grouped(result.failed)],
    ["lost", grouped(result.lost)],
    ["windows closed", grouped(result.windows)],
    ...sinkRows(result.sinks),
    ["seconds", result.seconds.toFixed(1)],
    ["events per second", grouped(result.eventsPerSecond)],
    ["commits", grouped(result.commits)],
    ["Lambda processes started", grouped(result.lambdaProcesses)],
  ]);

const sinkRows = (sinks: Readonly<Record<string, number>>): (readonly [string, string])[] =>
  Object.entries(sinks).map(([name, rows]) => [`rows in ${name}`, grouped(rows)]);
