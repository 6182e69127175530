import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, type TestOptions, test } from "vitest";
import type { Case, Difference, Oracle, Party } from "./case.ts";
import { differenceTable } from "./difference-table.ts";
import { hasCommand } from "./machine.ts";

export type Comparison<Client> = {
  /** As its folder and its page in docs/conformance are called. */
  readonly service: string;
  readonly startModel: () => Promise<Party<Client>>;
  readonly oracles: readonly Oracle<Client>[];
  readonly cases: readonly Case<Client>[];
  readonly differences: readonly Difference[];
};

/**
 * Runs each case against the model and against every stand-in. The model must do what AWS documents where the case
 * says so; a stand-in must do as the model does, or stand in the table of differences, which must not be out of date.
 */
export function compareWithOracles<Client>(comparison: Comparison<Client>): void {
  const { service, cases, oracles, differences } = comparison;
  const observed = new Map<string, unknown>();
  const names = new Set(cases.map(({ name }) => name));

  describe(`the model of ${service}`, () => {
    const party = running(comparison.startModel);
    test.each(cases)("$name", async (one) => {
      const seen = await one.run(party().client);
      observed.set(one.name, seen);
      if (one.aws !== undefined) expect(seen).toEqual(one.aws.is);
    });
  });

  for (const oracle of oracles)
    describeBeside(oracle, `${oracle.name} ${oracle.version} beside it`, {}, () => {
      const party = running(oracle.start);
      test.each(cases)("$name", async (one) => {
        const listed = differences.find((row) => row.case === one.name && row.oracle === oracle.name);
        const theirs = await one.run(party().client).catch((error: unknown) => ({ threw: String(error) }));
        const ours = observed.get(one.name);
        if (listed === undefined) expect(theirs).toEqual(ours);
        else expect(isDeepStrictEqual(theirs, ours), "the listed difference is gone").toBe(false);
      });
    });

  describe(`the differences of ${service}`, () => {
    test("are of cases that exist, each once, and decided by AWS's documentation", () => {
      expect(names.size).toBe(cases.length);
      const rows = differences.map((row) => `${row.case} / ${row.oracle}`);
      expect(new Set(rows).size).toBe(rows.length);
      for (const row of differences) {
        const one = cases.find(({ name }) => name === row.case);
        expect(one?.aws?.source, row.case).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
        expect(
          oracles.map(({ name }) => name),
          row.case,
        ).toContain(row.oracle);
      }
    });

    test("do not replace AWS's documentation where there is no stand-in", () => {
      for (const { name, aws } of oracles.length === 0 ? cases : []) {
        expect(aws?.source, name).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
        expect(aws?.says, name).toMatch(/\w/);
      }
    });

    test("stand in docs/conformance", async () => {
      await expect(differenceTable(comparison)).toMatchFileSnapshot(
        `../../../docs/conformance/${service}.md`,
      );
    });
  });
}

/** Skipped where the machine lacks what the stand-in needs, and then the name says what. */
export function describeBeside(
  { needs = [] }: { readonly needs?: readonly string[] },
  name: string,
  options: TestOptions,
  tests: () => void,
): void {
  const missing = needs.filter((command) => !hasCommand(command));
  const why = missing.length === 0 ? "" : `, skipped: this machine has no ${missing.join(" and no ")}`;
  if (why !== "") process.stderr.write(`${name}${why}\n`);
  describe.skipIf(why !== "")(`${name}${why}`, options, tests);
}

function running<Client>(start: () => Promise<Party<Client>>): () => Party<Client> {
  let party: Party<Client> | undefined;
  beforeAll(async () => {
    party = await start();
  });
  afterAll(() => party?.close());
  return () => {
    if (party === undefined) throw new Error("not started");
    return party;
  };
}
