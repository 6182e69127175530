import { join, relative } from "node:path";
import { Command, Option } from "commander";
import { SAMPLE_NAMES } from "../../local/dev/sample-names.ts";
import { wholeNumber } from "../arguments.ts";
import { WORK } from "../folders.ts";
import type { MainJobOptions } from "../main-job.ts";
import type { Terminal } from "../terminal.ts";

/** `millrace dev` */
export const devCommand = (terminal: Terminal): Command =>
  new Command("dev")
    .description("run the shipped pipelines in a local cloud and feed them a sample over HTTP")
    .addOption(new Option("--sample <name>", "what is fed").choices(SAMPLE_NAMES).default("flights"))
    .option("--once", "end the input with the sample, so that every window closes; then exit")
    .option("--keep", "with --once: go on serving until Ctrl-C")
    .option("--json", "the result as one JSON object")
    .option("--limit <n>", "only the first n events", wholeNumber(1))
    .option("--rate <n>", "at most n events a second", wholeNumber(1))
    .option("--output <dir>", "where the sinks are copied to", relative(process.cwd(), join(WORK, "output")))
    .option("--host <address>", "where the local cloud listens", "127.0.0.1")
    .option("--port <n>", "0 takes any free port", wholeNumber(0, 65_535), 0)
    .option("--chaos-kill <ms>", "kill -9 a random Lambda process every so often", wholeNumber(1))
    .option("--reshard", "split and merge the stream's shards meanwhile")
    .option("--seed <n>", "of the faults", wholeNumber(0), 1)
    .action(async (options: MainJobOptions) => {
      const { mainJob } = await import("../main-job.ts");
      await mainJob(options, terminal);
    });
