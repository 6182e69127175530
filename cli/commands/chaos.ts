import { Command, InvalidArgumentError, Option } from "commander";
import type { ChaosScenario, Check, Strike } from "../../local/simulator/chaos.ts";
import { commaSeparated, inputOption, lookupOption, wholeNumber } from "../arguments.ts";
import {
  faultList,
  type Invocation,
  minimalText,
  partText,
  summaryText,
  trialText,
  unjudgedText,
} from "../chaos-report.ts";
import { EXIT } from "../exit-codes.ts";
import { loadApplication, loadCheck, onlyPipeline } from "../load-application.ts";
import type { Terminal } from "../terminal.ts";

type Options = {
  readonly input: ReadonlyMap<string, string>;
  readonly lookup: ReadonlyMap<string, string>;
  readonly pipeline?: string;
  readonly seeds: Seeds;
  readonly events: number;
  readonly faults?: readonly string[];
  readonly alone?: true;
  readonly pairs?: true;
  readonly points?: true;
  readonly check?: string;
  readonly schedule?: readonly Strike[];
  readonly requests?: readonly number[];
  readonly trace?: true;
  readonly json?: true;
  readonly list?: true;
};

type Seeds = { readonly first: number; readonly last: number };

/** `millrace chaos <file>` */
export const chaosCommand = ({ data, say, colors }: Terminal): Command =>
  new Command("chaos")
    .description("run pipelines through simulated failures, and judge what is left")
    .argument("[file]", "a module that exports an application or pipelines")
    .addOption(inputOption())
    .addOption(lookupOption())
    .option("--pipeline <id>", "only this one")
    .addOption(
      new Option("--seeds <first..last>", "which runs; one number is one run")
        .argParser(seedsOf)
        .default({ first: 1, last: 100 }, "1..100"),
    )
    .option("--events <n>", "of each stream's file, the first so many", wholeNumber(1), 200)
    .option("--faults <names>", "only these, comma-separated; see --list", commaSeparated)
    .option("--alone", "each fault by itself")
    .option("--pairs", "every two faults together")
    .option("--points", "each fault of a call at every call of a run in turn")
    .option("--check <file>", "a module that exports check(outcome), which returns what is wrong")
    .option(
      "--schedule <step:fault,…>",
      "one seed with exactly these strikes, as a failure prints them",
      scheduleOf,
    )
    .option("--requests <n,…>", "only these requests, as a failure prints them", requestsOf)
    .option("--trace", "with one seed: each thing that happens")
    .option("--json", "results as JSON")
    .option("--list", "the faults that there are")
    .action(async (file: string | undefined, options: Options, command: Command) => {
      const { FAULTS, faultNamed } = await import("../../local/simulator/chaos/faults.ts");
      if (options.list) {
        data(options.json ? JSON.stringify(faultList(FAULTS.values())) : faultTable(FAULTS.values()));
        return;
      }
      if (file === undefined) throw command.error("error: missing required argument 'file'");
      for (const name of options.faults ?? []) faultNamed(name);
      const scenario = await scenarioOf(file, options, say);
      const invocation: Invocation = { file, ...options };
      if (options.schedule !== undefined || options.trace) {
        const { trial } = await import("../../local/simulator/chaos.ts");
        const { seeds, faults, schedule, requests } = options;
        const run = await trial(seeds.first, scenario, {
          ...(faults === undefined ? {} : { faults }),
          ...(schedule === undefined ? {} : { schedule }),
          ...(requests === undefined ? {} : { requests }),
          ...(options.trace ? { trace: say } : {}),
        });
        data(
          options.json
            ? JSON.stringify({ ...run, cause: undefined, points: run.points.length })
            : trialText(run),
        );
        if (run.broken.length > 0) process.exitCode = EXIT.incomplete;
        return;
      }
      const { campaign } = await import("../../local/simulator/chaos/campaign.ts");
      const mode = options.points ? "points" : options.pairs ? "pairs" : options.alone ? "alone" : "any";
      const faults = options.faults ?? (mode === "any" ? [] : [...FAULTS.keys()]);
      const result = await campaign(scenario, {
        seeds: options.seeds,
        mode,
        faults,
        progress: (part) => {
          if (!options.json) say(partText(part, colors.err));
        },
      });
      if (options.json) data(JSON.stringify(result));
      else {
        data(summaryText(result));
        if (result.minimal !== undefined) data(minimalText(result.minimal, invocation, colors.out));
      }
      if (result.failures > 0) process.exitCode = EXIT.incomplete;
    });

async function scenarioOf(
  file: string,
  { input, lookup, pipeline, events, check }: Options,
  say: Terminal["say"],
): Promise<ChaosScenario> {
  const all = await loadApplication(file);
  const app = pipeline === undefined ? all : onlyPipeline(all, pipeline);
  const files = await import("../../local/simulator/chaos/input-files.ts");
  const inputs = await files.readInputs(app, input, events);
  const { refused, first } = await files.refusals(app, inputs);
  if (refused > 0) say(`${refused} events do not fit their stream and are left out; the first: ${first}`);
  const { withoutDefinition } = await import("../../local/reference/known.ts");
  const { planApplication } = await import("../../shared/plan/planner.ts");
  const planned = planApplication(app);
  const unjudged = unjudgedText(withoutDefinition(planned));
  if (unjudged !== undefined) say(unjudged);
  const judged: { check?: Check } = check === undefined ? {} : { check: (await loadCheck(check)) as Check };
  const { checkAllGiven, cloudContents } = await import("../../local/run/lookup-files.ts");
  const stages = [...planned.stages.values()];
  const contents = cloudContents(stages, lookup);
  checkAllGiven(stages, lookup);
  const lookups = Object.fromEntries(Object.entries(contents).map(([name, content]) => [name, [content]]));
  return { app, input: (random) => files.requestsOf(inputs, random), lookups: () => lookups, ...judged };
}

const faultTable = (faults: Iterable<{ readonly name: string; readonly says: string }>): string =>
  [...faults].map(({ name, says }) => `  ${name.padEnd(20)}${says}`).join("\n");

function seedsOf(text: string): Seeds {
  const [, first, last] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  const seeds = { first: Number(first), last: Number(last ?? first) };
  if (first === undefined || seeds.last < seeds.first)
    throw new InvalidArgumentError("It must be a number, or two: 1..100.");
  return seeds;
}

const scheduleOf = (text: string): Strike[] =>
  commaSeparated(text).map((strike) => {
    const [, step, fault] = /^(\d+):([a-z0-9-]+)$/.exec(strike) ?? [];
    if (step === undefined || fault === undefined)
      throw new InvalidArgumentError("It must be <step>:<fault>, comma-separated.");
    return { step: Number(step), fault };
  });

const requestsOf = (text: string): number[] => commaSeparated(text).map(wholeNumber(0));
