import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  INSTRUMENTER_CONSTANTS,
  type InstrumenterContext,
  type MutantCoverage,
} from "@stryker-mutator/api/core";
import { PluginKind } from "@stryker-mutator/api/plugin";
import {
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestRunner,
  TestStatus,
} from "@stryker-mutator/api/test-runner";
import { cpuMs } from "../watchdog.ts";
import { type Collected, collected, within } from "./vitest-in-process.ts";
import { endedBy, watch } from "./watchdog.ts";

const TESTS = "test/{operators,state,protocol,docs/edges}/**/*.test.ts";
/** Statistics over millions of values, and runs of minutes: seconds each, and about little that others do not test too. */
const LEFT_OUT =
  /keeps its standard error|is as large as its error says|too high by more than its error|errs as often as it says|drops no more first events than it says|joins the buckets nearest to zero|rules that come as data > hold whatever goes wrong|carries the language only where/;
const SHIM = new URL("vitest-in-process.ts", import.meta.url).href;
const SHIMMED: ReadonlySet<string> = new Set(["vitest", "@fast-check/vitest"]);

/** What the dry run of one process tells all others; in the folder that Stryker made for the run. */
const DRY_RUN = "dry-run.json";

type DryRun = {
  /** By test, in milliseconds: the quick tests come first. */
  readonly times: Readonly<Record<string, number>>;
  /** By test and mutant: how often the test came by. */
  readonly hits: MutantCoverage["perTest"];
};

/** CPU time that the tests of one mutant get, the quick ones first: what none found by then counts as not found. */
const MOST_CPU_MS = Number(process.env["MUTATION_SECONDS"] ?? 3) * 1_000;

/** A test that comes by this many times as often as it did goes round in circles. */
const MOST_HITS = 20;

/** Stryker's runner for tests that are functions of this process: see `vitest-in-process.ts`. */
class InProcessRunner implements TestRunner {
  static readonly inject = [] as const;
  readonly #stryker: InstrumenterContext = shared();
  #dryRun: DryRun | undefined;
  #costs: Map<string, number> | undefined;
  #stray: unknown;

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false };
  }

  /** Imports all tests, with the code that was instrumented, once. */
  async init(): Promise<void> {
    registerHooks({
      resolve: (specifier, context, next) =>
        SHIMMED.has(specifier) && context.parentURL !== SHIM
          ? { url: SHIM, shortCircuit: true }
          : next(specifier, context),
    });
    // a promise that a mutant left floating is a fault of the test that runs
    process.on("unhandledRejection", (reason) => {
      this.#stray = reason;
    });
    for (const file of globSync(TESTS).sort())
      await within(file, () => import(pathToFileURL(resolve(file)).href));
    const kept = collected.filter(({ name }) => !LEFT_OUT.test(name));
    collected.splice(0, collected.length, ...kept);
  }

  async dryRun(): Promise<DryRunResult> {
    const tests = [];
    const times: Record<string, number> = {};
    for (const test of collected) {
      const start = cpuMs();
      const failure = await this.#run(test);
      const timeSpentMs = cpuMs() - start;
      times[test.id] = timeSpentMs;
      const said = { id: test.id, name: test.name, timeSpentMs };
      tests.push(
        failure === undefined
          ? { ...said, status: TestStatus.Success as const }
          : { ...said, status: TestStatus.Failed as const, failureMessage: failure },
      );
    }
    const mutantCoverage = this.#stryker.mutantCoverage as MutantCoverage;
    // what runs in tests too is tried there, in this process: Stryker would start another for each such mutant
    for (const hits of Object.values(mutantCoverage.perTest))
      for (const id of Object.keys(hits)) delete mutantCoverage.static[id];
    writeFileSync(DRY_RUN, JSON.stringify({ times, hits: mutantCoverage.perTest } satisfies DryRun));
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter }: MutantRunOptions): Promise<MutantRunResult> {
    const stryker = this.#stryker;
    this.#dryRun ??= existsSync(DRY_RUN)
      ? JSON.parse(readFileSync(DRY_RUN, "utf8"))
      : { times: {}, hits: {} };
    const { times, hits } = this.#dryRun as DryRun;
    const wanted = new Set(testFilter);
    // the tests of its own folder, then all others; the quick ones first, and those that come by little else
    const folder = /shared\/[a-z]+\//.exec(activeMutant.fileName)?.[0].replace("shared", "test") ?? "";
    const isNear = (id: string): number => Number(id.startsWith(folder));
    this.#costs ??= new Map(
      collected.map(({ id }) => [id, (times[id] ?? 0) * Object.keys(hits[id] ?? {}).length]),
    );
    const cost = ({ id }: Collected): number => this.#costs?.get(id) ?? 0;
    const tests = collected
      .filter(({ id }) => testFilter === undefined || wanted.has(id))
      .sort((a, b) => isNear(b.id) - isNear(a.id) || cost(a) - cost(b));
    const ended = endedBy(activeMutant.id);
    if (ended !== undefined) return { status: MutantRunStatus.Timeout, reason: ended };
    stryker.activeMutant = activeMutant.id;
    const start = cpuMs();
    try {
      for (const [i, test] of tests.entries()) {
        if (cpuMs() - start > MOST_CPU_MS) return { status: MutantRunStatus.Survived, nrOfTests: i };
        watch(activeMutant.id, times[test.id] ?? 0);
        stryker.hitCount = 0;
        stryker.hitLimit = 1_000 + MOST_HITS * (hits[test.id]?.[activeMutant.id] ?? 0);
        const failureMessage = await this.#run(test);
        if (stryker.hitCount > stryker.hitLimit)
          return { status: MutantRunStatus.Timeout, reason: `came by ${stryker.hitCount} times` };
        if (failureMessage !== undefined)
          return { status: MutantRunStatus.Killed, killedBy: [test.id], failureMessage, nrOfTests: i + 1 };
      }
      return { status: MutantRunStatus.Survived, nrOfTests: tests.length };
    } finally {
      watch(undefined, 0);
      delete stryker.activeMutant;
    }
  }

  /** What a test failed with. */
  async #run({ id, run }: Collected): Promise<string | undefined> {
    this.#stryker.currentTestId = id;
    this.#stray = undefined;
    try {
      await run();
      // a rejection is told to the process once all promises have had their turn
      await new Promise((resolve) => setImmediate(resolve));
      return this.#stray === undefined ? undefined : String(this.#stray);
    } catch (thrown) {
      return String(thrown).slice(0, 1_000);
    } finally {
      delete this.#stryker.currentTestId;
    }
  }
}

/** Where instrumented code looks for the mutant that is on, and notes where it came by. */
function shared(): InstrumenterContext {
  const all = globalThis as { [INSTRUMENTER_CONSTANTS.NAMESPACE]?: InstrumenterContext };
  const context = all[INSTRUMENTER_CONSTANTS.NAMESPACE] ?? {};
  all[INSTRUMENTER_CONSTANTS.NAMESPACE] = context;
  return context;
}

/** What Stryker looks for in a plugin. */
export const strykerPlugins: readonly {
  readonly kind: PluginKind;
  readonly name: string;
  readonly injectableClass: typeof InProcessRunner;
}[] = [{ kind: PluginKind.TestRunner, name: "in-process", injectableClass: InProcessRunner }];
