#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { chaosCommand } from "./commands/chaos.ts";
import { devCommand } from "./commands/dev.ts";
import { forkCommand } from "./commands/fork.ts";
import { planCommand } from "./commands/plan.ts";
import { restoreCommand } from "./commands/restore.ts";
import { runCommand } from "./commands/run.ts";
import { sampleCommand } from "./commands/sample.ts";
import { savepointCommand } from "./commands/savepoint.ts";
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
for (const of of [
  planCommand,
  runCommand,
  chaosCommand,
  devCommand,
  sampleCommand,
  savepointCommand,
  restoreCommand,
  forkCommand,
]) {
  const command = of(terminal).copyInheritedSettings(program);
  for (const part of command.commands) part.copyInheritedSettings(program);
  program.addCommand(command);
}

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = reportError(thrown, terminal, program.opts()["verbose"] === true);
}
