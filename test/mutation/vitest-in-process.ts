import { type Arbitrary, assert, asyncProperty, configureGlobal, type Parameters, tuple } from "fast-check";

/**
 * What the tests of a mutation run take for vitest: it collects them as plain functions, which one process calls again
 * for each mutant. A worker, its imports and its files anew for each would take a hundred times as long.
 */
export type Collected = { readonly id: string; readonly name: string; readonly run: () => unknown };

type Run = (...args: readonly unknown[]) => unknown;
type Define = (name: string, ...rest: readonly unknown[]) => void;

/** Runs of a property, at most: a fault that a property finds is found early, or by accident. */
const MOST_RUNS = Number(process.env["MUTATION_RUNS"] ?? 12);

// the same inputs for each mutant; how small a counterexample is matters to nobody
configureGlobal({ seed: 20_260_101, endOnFailure: true, numRuns: MOST_RUNS });

export const collected: Collected[] = [];
const path: string[] = [];

/** Runs what defines tests, under a name. */
export async function within(name: string, define: () => unknown): Promise<void> {
  path.push(name);
  await define();
  path.pop();
}

const bodyOf = (rest: readonly unknown[]): Run => rest.find((one) => typeof one === "function") as Run;

const finishers: Run[] = [];
/** Called once the test that runs is over. */
export const onTestFinished = (finish: Run): void => {
  finishers.push(finish);
};

function add(name: string, test: () => unknown): void {
  const full = [...path, name].join(" > ");
  const run = async (): Promise<void> => {
    try {
      await test();
    } finally {
      for (const finish of finishers.splice(0).reverse()) await finish();
    }
  };
  collected.push({ id: `${full} (${collected.length})`, name: full, run });
}

const each =
  (define: (name: string, run: () => unknown) => void) =>
  (table: readonly unknown[]): Define =>
  (name, ...rest) => {
    for (const row of table)
      define(name, () => bodyOf(rest)(...(Array.isArray(row) ? (row as unknown[]) : [row])));
  };

const suite = (name: string, run: () => unknown): void => {
  path.push(name);
  run();
  path.pop();
};
const describeOne: Define = (name, ...rest) => suite(name, bodyOf(rest) as () => unknown);
const testOne: Define = (name, ...rest) => add(name, bodyOf(rest) as () => unknown);

const prop =
  (arbitraries: readonly Arbitrary<unknown>[], parameters: Parameters<never> = {}): Define =>
  (name, ...rest) =>
    add(name, () =>
      assert(
        asyncProperty(tuple(...arbitraries), async (values) => {
          await bodyOf(rest)(...values);
        }),
        { numRuns: Math.min(MOST_RUNS, parameters.numRuns ?? MOST_RUNS) },
      ),
    );

type Extended = { readonly each: (table: readonly unknown[]) => Define; readonly concurrent: Define };

export { default as fc } from "fast-check";
export { expect } from "vitest";
export const describe: Define & Extended = Object.assign(describeOne, {
  each: each(suite),
  concurrent: describeOne,
});
export const test: Define & Extended & { readonly prop: typeof prop } = Object.assign(testOne, {
  each: each(add),
  prop,
  concurrent: testOne,
});
