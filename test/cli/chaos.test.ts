import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { unjudgedText } from "../../cli/chaos-report.ts";
import { readFlights } from "../../local/feed/flights.ts";
import { folder, millrace } from "./millrace.ts";

const FLIGHTS = fileURLToPath(new URL("../../pipelines/flights.ts", import.meta.url));

const january = async (): Promise<string> =>
  (await readFlights({ limit: 120 })).map((flight) => `${JSON.stringify(flight)}\n`).join("");

test("runs a shipped pipeline through failures and says what was injected", async () => {
  await using place = await folder();
  const file = await place.write("flights.jsonl", `${await january()}{"id":1}\n`);
  const { exitCode, stdout, stderr } = await millrace([
    ...["chaos", FLIGHTS, "--input", `flights=${file}`, "--seeds", "1..5", "--json"],
  ]);
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toMatch(/^1 events do not fit their stream and are left out/);
  const { runs, failures, injected, minimal } = JSON.parse(stdout) as Record<string, unknown>;
  expect({ runs, failures, minimal }).toEqual({ runs: 5, failures: 0, minimal: undefined });
  expect(Object.keys(injected as object).length).toBeGreaterThan(10);
});

test("prints a smallest schedule and the command that replays it", async () => {
  await using place = await folder();
  const file = await place.write("flights.jsonl", await january());
  const check = await place.write(
    "check.mjs",
    `export const check = ({ counts }) => Object.values(counts()).some((c) => c.failed > 0) ? ["some failed"] : [];`,
  );
  const { exitCode, stdout } = await millrace([
    ...["chaos", FLIGHTS, "--input", `flights=${file}`, "--seeds", "1..3", "--check", check],
    ...["--faults", "poison,crash-after"],
  ]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/seed \d+ fails:\n {2}some failed\n/);
  expect(stdout).toMatch(/smallest schedule: 1 of \d+ strikes, 0 of \d+ requests\n {2}step \d+ +poison/);
  const command = /→ npx millrace (.*)/.exec(stdout)?.[1] ?? "";
  const replayed = await millrace(command.split(" ").map((part) => (part === '""' ? "" : part)));
  expect(replayed.exitCode).toBe(1);
  expect(replayed.stdout).toMatch(
    /^seed \d+, \d+ steps, trace [0-9a-f]{8}\n {2}step \d+ +poison .*\n✗ some failed/,
  );
});

test("says which operators no second definition judges, each once", () => {
  expect(unjudgedText([])).toBeUndefined();
  expect(unjudgedText(["few", "calm", "few"])).toBe(
    'no second definition judges "few", "calm": results are compared with a replay, not row by row with the reference',
  );
});

test("lists the faults, and refuses those that it does not know", async () => {
  const { exitCode, stdout } = await millrace(["chaos", "--list"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^ {2}crash-before +an environment ends before a call is done$/m);
  await using place = await folder();
  const file = await place.write("flights.jsonl", await january());
  const run = ["chaos", FLIGHTS, "--input", `flights=${file}`];
  const unknown = await millrace([...run, "--faults", "crash"]);
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toMatch(/^CHAOS_FAULT no fault is called "crash", only crash-before, /);
  const backwards = await millrace([...run, "--seeds", "9..1"]);
  expect(backwards.exitCode).toBe(2);
  const nothing = await millrace([
    "chaos",
    FLIGHTS,
    "--input",
    `flights=${await place.write("bad.jsonl", "{}\n")}`,
  ]);
  expect(nothing.exitCode).toBe(2);
  expect(nothing.stderr).toMatch(/^RUN_INPUT no event of 1 fits its stream/);
});
