import { join, relative } from "node:path";
import { Command, Option } from "commander";
import { SAMPLE_NAMES } from "../../local/dev/sample-names.ts";
import { lookupOption, wholeNumber } from "../arguments.ts";
import { logFilter } from "../dev/log-tail.ts";
import type { DevOptions } from "../dev/options.ts";
import { WORK } from "../folders.ts";
import type { Terminal } from "../terminal.ts";

const SAMPLE = "The shipped pipelines:";

/** `millrace dev` */
export const devCommand = (terminal: Terminal): Command =>
  new Command("dev")
    .description("run the project of this folder in a local cloud, and follow its changes")
    .option("--pipelines <module>", "run this module's pipelines, whatever else the folder holds")
    .addOption(
      new Option("--logs <what>", "all, errors, none, or a stage's id: its lines, and the others' errors")
        .argParser(logFilter)
        .default(undefined, "all; with a sample errors"),
    )
    .option("--persist <dir>", "keep the data of all services in this folder, over restarts and kill -9")
    .addOption(lookupOption())
    .option("--no-watch", "do not follow changes")
    .option("--host <address>", "where the local cloud listens", "127.0.0.1")
    .addOption(
      new Option("--port <n>", "0 takes any free port")
        .argParser(wholeNumber(0, 65_535))
        .default(undefined, "4566 where it is free, else any; with a sample any"),
    )
    .option("--chaos <seed>", "let a bit of everything go wrong, all the time", wholeNumber(0))
    .addOption(
      new Option("--iam <mode>", "whether functions may do only what their roles allow")
        .choices(["enforced", "off"])
        .default("enforced"),
    )
    .option(
      "--output <dir>",
      "where logs and copies of sinks go",
      relative(process.cwd(), join(WORK, "output")),
    )
    .optionsGroup(SAMPLE)
    .addOption(
      new Option("--sample <name>", "what is fed to them over HTTP")
        .choices(SAMPLE_NAMES)
        .default(undefined, "flights"),
    )
    .option("--once", "end the input with the sample, so that every window closes; then exit")
    .option("--keep", "with --once: go on serving until Ctrl-C")
    .option("--json", "the result as one JSON object")
    .option("--limit <n>", "only the first n events", wholeNumber(1))
    .option("--rate <n>", "at most n events a second", wholeNumber(1))
    .option("--chaos-kill <ms>", "kill -9 a random Lambda process every so often", wholeNumber(1))
    .option("--reshard", "split and merge the stream's shards meanwhile")
    .option("--seed <n>", "of the faults", wholeNumber(0), 1)
    .action(async (options: DevOptions) => {
      const { dev } = await import("../dev/dev.ts");
      await dev(options, terminal);
    });
