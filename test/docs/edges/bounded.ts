import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { runBounded } from "../../../local/run/bounded-run.ts";
import { settableClock } from "../../protocol/conformance/settable-clock.ts";
import { appOf, type Build, type Said, thing } from "./given.ts";

/** As `given`, by `millrace run`: the rows of a table, by its name. */
export async function bounded(
  events: readonly Said[],
  build: Build,
  options: Parameters<typeof appOf>[1] = {},
): Promise<(table: string) => readonly unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-edges-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const input = join(folder, "things.jsonl");
  const lines = events.map((event, i) => JSON.stringify(thing(`e${i}`, event)));
  writeFileSync(input, lines.map((line) => `${line}\n`).join(""));
  const output = join(folder, "out");
  await runBounded({
    application: appOf(build, options),
    inputs: new Map([["things", input]]),
    output,
    clock: settableClock(),
  });
  return (table) => {
    const file = join(output, `${table}.jsonl`);
    const rows = existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
      : [];
    return rows.map((row) => JSON.parse(row));
  };
}
