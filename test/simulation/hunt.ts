import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutants/mutant.ts";
import type { RunName } from "./scenarios.ts";

const RUNNER = fileURLToPath(new URL("run-seeds.ts", import.meta.url));
/** A run takes a tenth of a second, and its process ends itself where it loops; one that takes this long waits for nothing. */
const LONGEST_MS = 120_000;

/** A seed in which a mutant was found, and by which sentence. */
export type Kill = { readonly seed: number; readonly sentence: string };

/**
 * Gives the seeds in which a mutant is found, as they are found. Its code runs in a process of its own; where that
 * does not end, or ends too early, the seed that it was at counts as one, and another process takes up the rest.
 */
export async function* kills(
  mutant: Mutant,
  seeds: readonly number[],
  scenario: RunName = mutant.scenario ?? "shop",
): AsyncGenerator<Kill> {
  for (let at = 0; at < seeds.length; ) {
    const child = spawn(process.execPath, [RUNNER, mutant.name, scenario, ...seeds.slice(at).map(String)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    child.stderr.on("data", (text) => said.push(String(text)));
    const closed = once(child, "close");
    let watchdog = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
        const [seed, sentence] = JSON.parse(line) as [number, string?];
        at += 1;
        if (sentence !== undefined) yield { seed, sentence };
      }
      await closed;
    } finally {
      clearTimeout(watchdog);
      child.kill("SIGKILL");
    }
    const seed = seeds[at];
    if (seed === undefined) return;
    const why = said.join("");
    // a text that was not planted is no fault that was found
    if (why.includes("has its text") || why.includes("no mutant")) throw new RangeError(why);
    yield { seed, sentence: `the run did not end: ${why.slice(0, 300)}` };
    at += 1;
  }
}

/** The first seed in which a mutant is found: the one that found it once, else the first of so many. */
export async function firstKill(mutant: Mutant, seeds: number): Promise<Kill | undefined> {
  const all = Array.from({ length: seeds }, (_, seed) => seed);
  const order =
    mutant.seed === undefined ? all : [mutant.seed, ...all.filter((seed) => seed !== mutant.seed)];
  for await (const kill of kills(mutant, order)) return kill;
  return undefined;
}
