import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { actionsOf, isDeclaredIn, referencesOf } from "./actions.ts";
import { MODEL_FOLDER, modelConfigs } from "./model-config.ts";
import { isAsExpected, readVerdict } from "./tlc.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const modules = readdirSync(MODEL_FOLDER)
  .filter((file) => file.endsWith(".tla"))
  .map((file) => ({ file, text: readFileSync(join(MODEL_FOLDER, file), "utf8") }));
const declares = (path: string, name: string): boolean =>
  isDeclaredIn(readFileSync(join(ROOT, path), "utf8"), name);

describe.each(modules)("the actions of $file", ({ text }) => {
  test.each(actionsOf(text))("$name names the functions that implement it, and they exist", ({ comment }) => {
    const references = referencesOf(comment);
    if (comment.includes("No function does this")) expect(references).toEqual([]);
    else expect(references.length).toBeGreaterThan(0);
    for (const { path, name } of references)
      expect(declares(path, name), `${path} declares ${name}`).toBe(true);
  });

  test("are found: all that the module's Next is made of", () => {
    expect(actionsOf(text).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Deliver", "Commit", "LoseRace", "Crash", "Reset", "Reshard"]),
    );
  });

  test("and what they are made of name nothing that does not exist", () => {
    for (const { path, name } of referencesOf(text))
      expect(declares(path, name), `${path} declares ${name}`).toBe(true);
  });
});

test("a function that is gone is noticed", () => {
  expect(declares("shared/protocol/partition.ts", "commit")).toBe(true);
  expect(declares("shared/protocol/partition.ts", "comit")).toBe(false);
  // it is called there, and declared elsewhere
  expect(declares("shared/protocol/partition.ts", "publishEntry")).toBe(false);
});

describe("the configs of the models", () => {
  const configs = modelConfigs();

  test("give every constant of their module, and differ from the protocol in one rule where they are broken", () => {
    for (const module of new Set(configs.map((config) => config.module))) {
      const own = configs.filter((config) => config.module === module);
      for (const config of own) expect(config.constants, config.name).toEqual(own[0]?.constants);
      const rules = rulesOf(own.filter(({ kind }) => kind === "safe"));
      expect(rules.size).toBe(1);
      const [asItIs = ""] = rules;
      for (const config of own.filter(({ kind }) => kind === "broken"))
        expect(differences(asItIs, rulesOf([config])), config.name).toBe(1);
    }
  });

  test("check a property at least; a broken one the property alone that must fail", () => {
    for (const config of configs) {
      expect(config.properties.length, config.name).toBeGreaterThan(0);
      expect(config.says, config.name).toMatch(/\w/);
      if (config.kind === "safe") expect(config.expected, config.name).toBe("holds");
      else expect(config.properties, config.name).toEqual([config.expected]);
    }
  });

  test("do not use symmetry where liveness is checked, which TLC would get wrong", () => {
    expect(configs.some(({ liveness }) => liveness)).toBe(true);
    for (const { name, liveness, symmetry } of configs) expect(liveness && symmetry, name).toBe(false);
  });
});

/** What the configs say of the rules: the constants behind those of size. */
function rulesOf(configs: ReturnType<typeof modelConfigs>): Set<string> {
  return new Set(
    configs.map(({ file }) =>
      [...readFileSync(file, "utf8").matchAll(/^ {4}(\w+) = ("\w+"|TRUE|FALSE)$/gm)]
        .filter(([, name]) => name !== "Cut")
        .map(([line]) => line.trim())
        .join("\n"),
    ),
  );
}

function differences(asItIs: string, rules: ReadonlySet<string>): number {
  const [broken = ""] = rules;
  const lines = broken.split("\n");
  return asItIs.split("\n").filter((line, i) => line !== lines[i]).length;
}

describe("TLC's words", () => {
  const end = `1392 states generated, 394 distinct states found, 155 states left on queue.
The depth of the complete state graph search is 9.`;
  const held = `Model checking completed. No error has been found.\n${end}`;
  const broken = `Error: Invariant NoHole is violated.
Error: The behavior up to this point is:
State 1: <Initial predicate>
State 2: <Deliver line 1, col 1 to line 2, col 2 of module Stage>
${end}`;
  const [safe] = modelConfigs().filter(({ kind }) => kind === "safe");
  const variant = modelConfigs().find(({ name }) => name === "no-republish");

  test("that all holds are believed with the exit code that says so", () => {
    expect(readVerdict(held, 0, ["NoHole"])).toEqual({
      verdict: "holds",
      what: "",
      states: 1392,
      distinct: 394,
      depth: 9,
    });
    expect(readVerdict(held, 1, ["NoHole"]).verdict).toBe("error");
    expect(readVerdict("", 0, ["NoHole"]).verdict).toBe("error");
  });

  test("name the property that is violated, and how many steps that takes", () => {
    expect(readVerdict(broken, 12, ["NoHole"])).toMatchObject({
      verdict: "violated",
      what: "NoHole",
      depth: 2,
    });
    const temporal = `Error: Temporal properties were violated.\nState 1: <Initial predicate>\n${end}`;
    expect(readVerdict(temporal, 13, ["AllTaken"])).toMatchObject({ verdict: "violated", what: "AllTaken" });
  });

  test("refuse a safe config that fails, and a broken variant that passes or fails by another property", () => {
    if (safe === undefined || variant === undefined) throw new Error("no such config");
    const holds = readVerdict(held, 0, []);
    const fails = readVerdict(broken, 12, []);
    expect(isAsExpected(safe, holds)).toBe(true);
    expect(isAsExpected(safe, fails)).toBe(false);
    expect(isAsExpected(safe, readVerdict("no Java", 1, []))).toBe(false);
    expect(isAsExpected(variant, fails)).toBe(true);
    expect(isAsExpected(variant, holds)).toBe(false);
    expect(isAsExpected(variant, readVerdict(broken.replace("NoHole", "NoFork"), 12, []))).toBe(false);
  });
});
