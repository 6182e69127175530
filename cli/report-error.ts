import { inspect } from "node:util";
import { MillraceError, messageOf } from "../shared/errors/millrace-error.ts";
import { EXIT, outcomeOf } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** Says what went wrong: code, sentence, what to do next. Returns the exit code. */
export function reportError(thrown: unknown, terminal: Terminal, verbose: boolean): number {
  const { say } = terminal;
  const c = terminal.colors.err;
  const { code, exit, advice } = outcome(thrown);
  say(`${c.red(c.bold(code))} ${messageOf(thrown)}`);
  say(`${c.dim("→")} ${advice}`);
  if (verbose) say(c.dim(inspect(thrown)));
  return exit;
}

function outcome(thrown: unknown): { code: string; exit: number; advice: string } {
  if (thrown instanceof MillraceError) return { code: thrown.code, ...outcomeOf(thrown.code) };
  const exit = EXIT.fault;
  if (thrown instanceof Error && "$metadata" in thrown)
    return {
      code: codeOf(thrown, thrown.name),
      exit,
      advice: "see that region, credentials and network lead to the deployment, then run it again",
    };
  return { code: codeOf(thrown), exit, advice: "run it again with --verbose to see where it comes from" };
}

/** Node's own errors have codes that people search for: EADDRINUSE, ENOENT. */
const codeOf = (thrown: unknown, otherwise = "UNEXPECTED"): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : otherwise;
