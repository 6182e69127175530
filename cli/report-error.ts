import { inspect } from "node:util";
import { MillraceError, messageOf } from "../shared/errors/millrace-error.ts";
import { EXIT, outcomeOf } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** Says what went wrong: code, sentence, what to do next. Returns the exit code. */
export function reportError(thrown: unknown, terminal: Terminal, verbose: boolean): number {
  const { say } = terminal;
  const c = terminal.colors.err;
  const { code, exit, advice } =
    thrown instanceof MillraceError
      ? { code: thrown.code, ...outcomeOf(thrown.code) }
      : {
          code: codeOf(thrown),
          exit: EXIT.fault,
          advice: "run it again with --verbose to see where it comes from",
        };
  say(`${c.red(c.bold(code))} ${messageOf(thrown)}`);
  say(`${c.dim("→")} ${advice}`);
  if (verbose) say(c.dim(inspect(thrown)));
  return exit;
}

/** Node's own errors have codes that people search for: EADDRINUSE, ENOENT. */
const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "UNEXPECTED";
