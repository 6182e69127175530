import { describe, expect, test } from "vitest";
import { type Case, SYSTEMS } from "./case.ts";
import { CASES } from "./cases.ts";
import { DIFFERENCES } from "./differences.ts";
import { caseRows, differenceRows, rowsBelow, sourceRows } from "./document.ts";
import { contentsOf, givenFor } from "./millrace.ts";
import { SOURCES } from "./sources.ts";
import { contentsBy, isModelled } from "./systems.ts";

const all: readonly Case[] = Object.values(CASES).flat();

describe.each(Object.entries(CASES))("%s", (_, cases) => {
  test.each(cases)("$name", (row) => {
    expect(givenFor(row).join("; ")).toBe(row.gives);
  });
});

describe.each(SYSTEMS)("what windows hold by the formulas of %s", (system) => {
  test.each(all.filter(isModelled))("$name", (row) => {
    const ours = contentsOf(row);
    const theirs = contentsBy(system, row);
    const declared = row.differs?.[system]?.contents;
    expect(theirs).toBe(declared ?? ours);
    if (declared !== undefined) expect(theirs).not.toBe(ours);
  });
});

describe("docs/semantics.md", () => {
  test("has each difference, word for word, and no other", () => {
    expect(rowsBelow("Differences")).toEqual(differenceRows());
  });

  test("has each definition that a case follows", () => {
    expect(rowsBelow("Definitions")).toEqual(sourceRows());
  });

  test("counts the cases", () => {
    expect(rowsBelow("Cases")).toEqual(caseRows());
    expect(all.length).toBeGreaterThanOrEqual(150);
  });
});

test("no two cases of a topic have one name or one input", () => {
  for (const cases of Object.values(CASES)) {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    const inputs = cases.map(({ name: _, from: __, gives: ___, differs: ____, ...input }) =>
      JSON.stringify(input),
    );
    expect(new Set(inputs).size).toBe(cases.length);
  }
});

test("each difference has a case, and each source is followed by one", () => {
  const shown = all.flatMap(({ differs }) => Object.values(differs ?? {}).map(({ by }) => by));
  expect(new Set(shown)).toEqual(new Set(Object.keys(DIFFERENCES)));
  expect(new Set(all.flatMap(({ from }) => from))).toEqual(new Set(Object.keys(SOURCES)));
});

test("where a system does as Millrace does, no case says that it differs", () => {
  for (const { differs } of all)
    for (const system of SYSTEMS) {
      const by = differs?.[system]?.by;
      if (by !== undefined) expect(DIFFERENCES[by][system]).not.toBe("as Millrace");
    }
});
