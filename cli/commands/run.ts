import { Command } from "commander";
import { systemClock } from "../../shared/time/clock.ts";
import { inputOption, lookupOption } from "../arguments.ts";
import { EXIT } from "../exit-codes.ts";
import { loadApplication, onlyPipeline } from "../load-application.ts";
import { runSummary } from "../summary.ts";
import type { Terminal } from "../terminal.ts";

type Options = {
  readonly input: ReadonlyMap<string, string>;
  readonly lookup: ReadonlyMap<string, string>;
  readonly output: string;
  readonly pipeline?: string;
  readonly json?: true;
};

/** `millrace run <file>` */
export const runCommand = ({ data, colors }: Terminal): Command =>
  new Command("run")
    .description("run pipelines over files, to their end, in this process")
    .argument("<file>", "a module that exports an application or pipelines")
    .addOption(inputOption())
    .addOption(lookupOption())
    .requiredOption("--output <dir>", "where each sink becomes a file of JSON lines")
    .option("--pipeline <id>", "only this one")
    .option("--json", "statistics as JSON")
    .action(async (file: string, { input, lookup, output, pipeline, json }: Options) => {
      const all = await loadApplication(file);
      const application = pipeline === undefined ? all : onlyPipeline(all, pipeline);
      const { runBounded } = await import("../../local/run/bounded-run.ts");
      const stats = await runBounded({
        application,
        inputs: input,
        lookups: lookup,
        output,
        clock: systemClock,
      });
      data(json ? JSON.stringify(stats) : runSummary(stats, output, colors.out));
      if (stats.failed > 0) process.exitCode = EXIT.incomplete;
    });
