import { readFileSync } from "node:fs";
import type { Command, Finding, Output, Part } from "../part.ts";

type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly status: string;
    }[];
  }[];
};

const reportOf = (id: string): string => `.millrace/qualification/${id}.json`;

const vitest = (id: string, ...files: string[]): Command => [
  ...(["npx", "vitest", "run", "--reporter=json", "--testTimeout=600000"] as const),
  `--outputFile.json=${reportOf(id)}`,
  ...files,
];

const readReport = (id: string): Report => JSON.parse(readFileSync(reportOf(id), "utf8")) as Report;

/** What a run of tests came to, by the topics under which they stand. */
export function findingOf(report: Report, output: Output | undefined, ofWhat: string): Finding {
  const { numPassedTests: passed, numFailedTests: failed, testResults } = report;
  const topics = new Map<string, { passed: number; failed: number }>();
  for (const { ancestorTitles, status } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    const topic = topics.get(ancestorTitles[0] ?? "others") ?? { passed: 0, failed: 0 };
    if (status === "passed") topic.passed += 1;
    else topic.failed += 1;
    topics.set(ancestorTitles[0] ?? "others", topic);
  }
  return {
    held: output?.code === 0 && failed === 0 && passed > 0,
    sentence: `${passed.toLocaleString("en")} ${ofWhat} hold, ${failed.toLocaleString("en")} do not.`,
    table: {
      columns: ["topic", "hold", "do not"],
      rows: [...topics].map(([topic, counts]) => [topic, counts.passed, counts.failed]),
    },
  };
}

/** Windows, watermarks, triggers, lateness and sessions beside the definitions of Beam, Flink and Kafka Streams. */
export const semantics: Part = {
  id: "semantics",
  commands: () => [vitest("semantics", "test/semantics")],
  read: ([output]) =>
    findingOf(readReport("semantics"), output, "cases and comparisons with the definitions of the field"),
};

/** The shipped pipelines beside DuckDB, and generated ones beside the reference interpreter. */
export const oracles: Part = {
  id: "oracles",
  commands: () => [vitest("oracles", "test/oracles", "test/reference")],
  read: ([output]) =>
    findingOf(readReport("oracles"), output, "comparisons with DuckDB and the reference interpreter"),
};
