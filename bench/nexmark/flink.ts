import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { writeNexmark } from "./generate.ts";
import type { Measured } from "./measure.ts";
import type { Query } from "./queries.ts";
import { jsonLines, millraceRows, multiset, type Row } from "./rows.ts";

const SOURCE = join(import.meta.dirname, "flink");
const BUILT = join(import.meta.dirname, "../../.millrace/flink");

/** Out of order, with sessions that end and windows that close on the way. */
const CHECKED = { events: 30_000, seed: 3, rate: 1_000, maxDelay: 3_000 };

/** Flink as built here: what `java` is called with. */
export type Flink = { readonly classPath: string };

/** Builds the job that runs Flink's queries. @throws Error where there is no Java or no Maven */
export function buildFlink(): Flink {
  for (const [command, flag] of [["java", "-version"] as const, ["mvn", "-version"] as const])
    if (spawnSync(command, [flag]).status !== 0)
      throw new Error(`--flink needs a JDK 17 and Maven: no ${command}`);
  const build = ["-q", "-B", "-f", join(SOURCE, "pom.xml"), "process-classes"];
  execFileSync("mvn", build, { stdio: ["ignore", "inherit", "inherit"] });
  const dependencies = readFileSync(join(BUILT, "classpath.txt"), "utf8").trim();
  return { classPath: `${join(BUILT, "classes")}:${dependencies}` };
}

/** What a process that drops a query's rows needs for the second half of a file: its start and compiling are before. */
export function measuredFlink(flink: Flink, query: Query, input: string, events: number): Measured {
  const { part, cpuSeconds } = JSON.parse(runJava(flink, query, input, "drop")) as SecondHalf;
  if (part < LEAST_PART) throw new Error(`${query}: ${events} events are too few to measure Flink with`);
  return { events: events * part, cpuSeconds };
}

/** The part of the input, of 1, and what it cost. */
type SecondHalf = { readonly part: number; readonly cpuSeconds: number };

/** Of half a file. */
const LEAST_PART = 0.4;

/**
 * Compares Flink's rows with Millrace's.
 * @throws Error where they are not the same rows as often
 */
export async function checkFlink(flink: Flink, query: Query): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-flink-"));
  const input = join(folder, "events.jsonl");
  writeNexmark(input, CHECKED);
  const found = multiset(settled(jsonLines<Change>(runJava(flink, query, input, "rows"))));
  const expected = multiset(await millraceRows(query, input, folder));
  rmSync(folder, { recursive: true });
  if (!isDeepStrictEqual(found, expected))
    throw new Error(
      `${query}: Flink gives ${found.length} rows, Millrace ${expected.length}; not in Millrace's: ${found.find((row) => !expected.includes(row))}`,
    );
}

/** A row that comes (`+I`, `+U`) or goes (`-U`, `-D`). */
type Change = readonly ["+I" | "+U" | "-U" | "-D", Row];

/** The rows that are there after all changes. */
function settled(changes: readonly Change[]): Row[] {
  const rows = new Map<string, Row[]>();
  for (const [kind, row] of changes) {
    const text = JSON.stringify(row);
    const same = rows.get(text) ?? [];
    if (kind.startsWith("+")) rows.set(text, [...same, row]);
    else rows.set(text, same.slice(1));
  }
  return [...rows.values()].flat();
}

const runJava = ({ classPath }: Flink, query: Query, input: string, mode: "drop" | "rows"): string =>
  execFileSync("java", [...JVM, "-cp", classPath, "Nexmark", join(SOURCE, `sql/${query}.sql`), input, mode], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "ignore"],
  });

/** Of three collectors the one that costs least here, and room for it. */
const JVM = ["-Xms4g", "-Xmx4g", "-XX:+UseParallelGC"];
