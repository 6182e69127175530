#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { chaosCommand } from "./commands/chaos.ts";
import { devCommand } from "./commands/dev.ts";
import { planCommand } from "./commands/plan.ts";
import { runCommand } from "./commands/run.ts";
import { sampleCommand } from "./commands/sample.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";
import { reportError } from "./report-error.ts";
import { processTerminal } from "./terminal.ts";

const terminal = processTerminal();
const program = new Command("millrace")
  .description("Typed, stateful, exactly-once stream pipelines on AWS Lambda.")
  .option("--verbose", "show where an error comes from")
  .addHelpText("after", EXIT_HELP)
  .showHelpAfterError("→ see millrace --help")
  .exitOverride();
for (const command of [planCommand, runCommand, chaosCommand, devCommand, sampleCommand])
  program.addCommand(command(terminal).copyInheritedSettings(program));

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = reportError(thrown, terminal, program.opts()["verbose"] === true);
}
