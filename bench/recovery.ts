import { execFile } from "node:child_process";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { buildPartition } from "./recovery/built-partition.ts";
import { burstyDays } from "./recovery/bursty-day.ts";
import { type ColdStart, coldStart } from "./recovery/cold-start.ts";
import { type CommitCost, commitCost } from "./recovery/commit-cost.ts";
import { reshardUnderLoad } from "./recovery/reshard.ts";
import { atMost, type Figure, median, print } from "./report.ts";

export type RecoveryRun = {
  /** Megabytes of state, as text. */
  readonly sizes: readonly number[];
  readonly sessions: number;
  readonly days: number;
  /** Users a minute in the middle of the day, times ten. */
  readonly peak: number;
  /** Seconds under load before and after each change of shards; 0 leaves it out. */
  readonly reshardSeconds: number;
  readonly rounds: number;
};

const COLD_BATCHES = [10, 100, 1_000];
const ENTRIES_AFTER = 50;
/** What is read whole for comparison: more would not fit into the memory of a function. */
const MOST_WHOLE_MB = 100;
/** Users next to each other who come again and again: 10 MB of state. */
const HOT = 10_000;

/**
 * Claim: a cold start, a commit and a snapshot cost what a batch touches, not what there is. The bucket is in memory,
 * behind a wire that takes 20 ms to the first byte, 80 MB/s a connection, 50 connections.
 */
export async function recoveryFigures(run: RecoveryRun): Promise<Figure[]> {
  return [
    ...(await stateFigures(run)),
    ...(await sessionFigures(run.sessions)),
    ...(await dayFigures(run.days, run.peak)),
    ...(run.reshardSeconds > 0 ? await reshardFigures(run.reshardSeconds) : []),
  ];
}

async function stateFigures({ sizes, rounds }: RecoveryRun): Promise<Figure[]> {
  const figures: Figure[] = [];
  /** Of sizes in which all of the hot users are. */
  const hot: { readonly size: number; readonly cost: CommitCost }[] = [];
  for (const size of sizes) {
    process.stderr.write(`state of ${size} MB …\n`);
    const built = await buildPartition(size * 1e6, ENTRIES_AFTER);
    const of = `state of ${size} MB`;
    for (const batch of COLD_BATCHES) {
      const starts: ColdStart[] = [];
      const wholes: ColdStart[] = [];
      for (let round = 0; round < rounds; round += 1) {
        starts.push(await coldStart(built, batch, false));
        if (batch === 100 && size <= MOST_WHOLE_MB) wholes.push(await coldStart(built, batch, true));
      }
      const name = `${of}, cold start, batch of ${batch}`;
      const ms = median(starts.map((start) => start.ms));
      figures.push(
        {
          name: `${name}, first output`,
          value: ms,
          unit: "ms",
          ...(size === 100 ? { aim: atMost(2_000) } : {}),
        },
        { name: `${name}, read`, value: (starts[0]?.bytes ?? Number.NaN) / 1e6, unit: "MB" },
        { name: `${name}, requests`, value: starts[0]?.requests ?? Number.NaN, unit: "GET" },
      );
      if (wholes.length > 0)
        figures.push(
          { name: `${name}, whole`, value: median(wholes.map((whole) => whole.ms)), unit: "ms" },
          { name: `${name}, whole, read`, value: (wholes[0]?.bytes ?? Number.NaN) / 1e6, unit: "MB" },
          {
            name: `${name}, in pages`,
            value: median(wholes.map((whole, i) => (starts[i]?.ms ?? Number.NaN) / whole.ms)),
            unit: "of whole",
          },
        );
    }
    const warm = await commitCost(built, { users: Math.min(HOT, built.users), perCommit: 100 }, 105, 40);
    if (built.users >= HOT) hot.push({ size, cost: warm });
    figures.push(...costFigures(`${of}, commit of 100 hot users`, warm));
    if (built.users > HOT)
      figures.push(
        ...costFigures(
          `${of}, commit of 100 of all users`,
          await commitCost(built, { users: built.users, perCommit: 100 }, 105, 20),
        ),
      );
    if (size === sizes[0])
      for (const [perCommit, commits] of [
        [10, 105],
        [1_000, 10],
        [5_000, 4],
      ] as const)
        figures.push(
          ...costFigures(
            `${of}, commit of ${perCommit} users`,
            await commitCost(built, { users: built.users, perCommit }, commits, 2),
          ),
        );
  }
  const [smallest, largest] = [hot[0], hot.at(-1)];
  if (smallest !== undefined && largest !== undefined && hot.length > 1)
    figures.push({
      name: `commit with ${largest.size} MB of state`,
      value: largest.cost.cpuMs / smallest.cost.cpuMs,
      unit: `of one with ${smallest.size} MB`,
      aim: atMost(1.5),
    });
  return figures;
}

const costFigures = (name: string, cost: CommitCost): Figure[] => [
  { name: `${name}, CPU`, value: cost.cpuMs, unit: "ms" },
  { name: `${name}, median`, value: cost.medianMs, unit: "ms" },
  { name: `${name}, 99th percentile`, value: cost.p99Ms, unit: "ms" },
  { name: `${name}, pages read`, value: cost.readBytes / 1e3, unit: "KB" },
  { name: `${name}, snapshots`, value: cost.snapshotBytes / 1e3, unit: "KB" },
];

type SessionsMeasured = {
  readonly rssMb: number;
  readonly idleMb: number;
  readonly heapMb: number;
  readonly medianMs: number;
};

async function sessionFigures(sessions: number): Promise<Figure[]> {
  const measured = async (residentChars: number): Promise<SessionsMeasured> => {
    const script = join(import.meta.dirname, "recovery/open-sessions.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--max-old-space-size=900",
      "--expose-gc",
      script,
      String(sessions),
      String(residentChars),
    ]);
    return JSON.parse(stdout) as SessionsMeasured;
  };
  process.stderr.write(`${sessions} sessions …\n`);
  const all = await measured(1e15);
  const paged = await measured(16 * 1024 * 1024);
  const of = `${sessions.toLocaleString("en")} open sessions`;
  return [
    { name: `${of}, all in memory, resident`, value: all.rssMb, unit: "MB", aim: atMost(1_000) },
    { name: `${of}, all in memory, heap`, value: (all.heapMb * 1e6) / sessions, unit: "bytes each" },
    { name: `${of}, all in memory, commit of 100, median`, value: all.medianMs, unit: "ms" },
    { name: `${of}, 16 M characters in memory, resident`, value: paged.rssMb, unit: "MB" },
    { name: `${of}, 16 M characters in memory, commit of 100, median`, value: paged.medianMs, unit: "ms" },
  ];
}

async function dayFigures(days: number, peak: number): Promise<Figure[]> {
  process.stderr.write(`${days} days …\n`);
  const hours = await burstyDays(days, peak);
  const most = (day: number, of: (hour: (typeof hours)[number]) => number): number =>
    Math.max(...hours.filter(({ hour }) => Math.ceil(hour / 24) === day).map(of));
  const last = days;
  const grown = (name: string, of: (hour: (typeof hours)[number]) => number, unit: string): Figure[] => [
    { name: `bursty day ${last}, most ${name}`, value: most(last, of), unit },
    {
      name: `bursty day ${last}, most ${name}`,
      value: most(last, of) / most(last - 1, of),
      unit: "of the day before",
      aim: atMost(1.1),
    },
  ];
  for (const { hour, events, logEntries, snapshotMb, heapMb, openSessions } of hours)
    if (hour % 4 === 0)
      process.stderr.write(
        `  hour ${hour}: ${events} events, ${logEntries} entries, ${snapshotMb.toFixed(2)} MB, heap ${heapMb.toFixed(0)} MB, ${openSessions} open\n`,
      );
  return [
    ...grown("log entries", ({ logEntries }) => logEntries, "entries"),
    ...grown("snapshots", ({ snapshotMb }) => snapshotMb, "MB"),
    ...grown("heap", ({ heapMb }) => heapMb, "MB"),
    { name: "bursty days, events", value: hours.at(-1)?.events ?? Number.NaN, unit: "events" },
  ];
}

async function reshardFigures(seconds: number): Promise<Figure[]> {
  process.stderr.write("split and merge …\n");
  const { steadyGapMs, split, merge } = await reshardUnderLoad(seconds);
  return [
    { name: "500 events/s, longest gap between commits of a partition", value: steadyGapMs, unit: "ms" },
    ...[["split", split] as const, ["merge", merge] as const].flatMap(([name, pause]): Figure[] => [
      {
        name: `${name}, all partitions have committed from new shards after`,
        value: pause.firstCommitMs,
        unit: "ms",
        aim: atMost(5_000),
      },
      {
        name: `${name}, longest gap between commits of a partition`,
        value: pause.longestGapMs,
        unit: "ms",
        aim: atMost(5_000),
      },
    ]),
  ];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      sizes: { type: "string", default: "1,100,1000" },
      sessions: { type: "string", default: "1000000" },
      days: { type: "string", default: "4" },
      peak: { type: "string", default: "2000" },
      reshard: { type: "string", default: "15" },
      rounds: { type: "string", default: "3" },
      json: { type: "boolean", default: false },
    },
  });
  print(
    await recoveryFigures({
      sizes: values.sizes.split(",").map(Number),
      sessions: Number(values.sessions),
      days: Number(values.days),
      peak: Number(values.peak),
      reshardSeconds: Number(values.reshard),
      rounds: Number(values.rounds),
    }),
    values.json,
  );
}
