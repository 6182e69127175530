import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Findings, filled, placesOf } from "./page.ts";
import type { Output, Part } from "./part.ts";
import { findingOf } from "./parts/tests.ts";
import { PARTS } from "./parts.ts";
import { runPart } from "./run-part.ts";

const page = readFileSync("docs/qualification.md", "utf8");
const findings: Findings = existsSync("docs/qualification.json")
  ? JSON.parse(readFileSync("docs/qualification.json", "utf8"))
  : {};

const part = (id: string): Part => {
  const found = PARTS.find((known) => known.id === id);
  if (found === undefined) throw new Error(`no part ${id}`);
  return found;
};
const printed = (value: unknown, code = 0): Output => ({ code, stdout: JSON.stringify(value) });

describe("docs/qualification.md", () => {
  test("has a place for each part, once, in the order in which they run", () => {
    expect(placesOf(page)).toEqual(PARTS.map(({ id }) => id));
  });

  test("says what the parts found, and nothing else", () => {
    expect(page).toBe(filled(page, findings));
  });

  test("shows a figure that somebody changed", () => {
    const recorded = { commands: ["x"], seconds: 1, commit: "abc", date: "2024-01-01T00:00", machine: "m" };
    const held = { held: true, sentence: "12 runs.", ...recorded };
    const once = filled("<!-- figures:a -->\n<!-- end -->\n", { a: held });
    expect(once).toContain("**Held.** 12 runs.");
    expect(filled(once.replace("12", "12,000"), { a: held })).toBe(once);
    expect(filled(once, { a: { ...held, held: false } })).toContain("**Did not hold.**");
  });
});

describe("a part does not hold", () => {
  const sweep = {
    runs: 2,
    failures: 0,
    injected: { split: 3 },
    parts: [{ faults: ["split"], seeds: 2, runs: 2, failures: 0, injected: { split: 3 } }],
  };
  const swept = (changed: Partial<typeof sweep>, ...wrong: string[]) => ({
    parts: { alone: { ...sweep, ...changed } },
    wrong,
  });

  test("where a run fails, where a fault never struck, and where nothing ran", () => {
    const { read } = part("alone");
    expect(read([printed(swept({}))]).held).toBe(true);
    expect(read([printed(swept({ failures: 1 }, "alone: seed 7: a row is missing"), 1)])).toMatchObject({
      held: false,
      sentence: expect.stringContaining("seed 7: a row is missing"),
    });
    expect(read([printed(swept({}, "alone: merge never had an effect"))]).held).toBe(false);
    expect(read([printed(swept({ runs: 0 }))]).held).toBe(false);
    expect(read([printed(swept({}), 1)]).held).toBe(false);
  });

  test("where a planted fault survives", () => {
    const { read } = part("mutants");
    const row = {
      name: "no fence",
      rule: "§5",
      scenario: "shop",
      faults: [],
      killed: 3,
      seeds: 20,
      first: 4,
    };
    expect(read([printed(row)]).held).toBe(true);
    expect(read([printed({ ...row, killed: 0 })]).held).toBe(false);
    expect(read([{ code: 0, stdout: "" }]).held).toBe(false);
  });

  test("where a config of the model ends otherwise than it must", () => {
    const { read } = part("model");
    const line = {
      kind: "safe",
      expected: "holds",
      verdict: "holds",
      what: "",
      states: 9,
      distinct: 3,
      depth: 2,
    };
    const safe = { ...line, name: "all", seconds: 1, asExpected: true };
    const broken = { ...safe, name: "unfenced", kind: "broken", verdict: "violated", what: "NoFork" };
    expect(read([printed([safe, broken])]).held).toBe(true);
    expect(read([printed([safe, { ...broken, verdict: "holds", asExpected: false }])]).held).toBe(false);
    expect(read([printed([safe])]).held).toBe(false);
  });

  test("where a test fails, and where none ran", () => {
    const report = (...statuses: string[]) => ({
      numPassedTests: statuses.filter((status) => status === "passed").length,
      numFailedTests: statuses.filter((status) => status === "failed").length,
      testResults: [
        { assertionResults: statuses.map((status) => ({ ancestorTitles: ["sessions"], status })) },
      ],
    });
    const exit = (code: number): Output => ({ code, stdout: "" });
    expect(findingOf(report("passed", "passed"), exit(0), "cases")).toMatchObject({
      held: true,
      table: { rows: [["sessions", 2, 0]] },
    });
    expect(findingOf(report("passed", "failed"), exit(1), "cases").held).toBe(false);
    expect(findingOf(report(), exit(0), "cases").held).toBe(false);
  });

  test("where a mutation score is below its aim, and where a folder has none", () => {
    const { read } = part("stryker");
    const row = (folder: string, score: number) =>
      JSON.stringify({ folder, mutants: 100, killed: score, survived: 100 - score, score });
    const scores = (...rows: string[]): Output => ({ code: 0, stdout: rows.join("\n") });
    const [operators, state, all] = [row("shared/operators", 90), row("shared/state", 85), row("all", 80)];
    const ran = { code: 0, stdout: "" };
    expect(read([ran, scores(operators, state, row("shared/protocol", 91), all)]).held).toBe(true);
    expect(read([ran, scores(operators, state, row("shared/protocol", 84.99))]).held).toBe(false);
    expect(read([ran, scores(operators, state)]).held).toBe(false);
    expect(read([{ ...ran, code: 1 }, scores(operators, state, row("shared/protocol", 91))]).held).toBe(
      false,
    );
  });

  test("where an aim is missed", () => {
    const { read } = part("recovery");
    const figure = { name: "first output", value: 900, unit: "ms", aim: { value: 2_000, atLeast: false } };
    expect(read([printed([figure])]).held).toBe(true);
    expect(read([printed([figure, { ...figure, value: 2_001 }])]).held).toBe(false);
    expect(read([printed([])]).held).toBe(false);
  });

  test("where its output cannot be read", async () => {
    const broken: Part = {
      ...part("model"),
      commands: () => [["node", "-e", "console.log('no JSON'); process.exit(3)"]],
    };
    const found = await runPart(broken, "quick", undefined);
    expect(found).toMatchObject({ held: false, sentence: expect.stringContaining("exit code 3") });
  });
});
