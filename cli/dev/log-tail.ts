import type { Cloud } from "../../local/cloud.ts";
import type { LogLine } from "../../local/lambda/function-logs.ts";
import { isoOf } from "../../shared/time/clock.ts";
import type { Colors } from "../terminal.ts";
import { type LogEntry, readLogLine } from "./log-entry.ts";
import { stageOf } from "./stage-of.ts";

/** Which lines are shown: all, only warnings and errors, none, or one stage's beside warnings and errors. */
export type LogFilter = "all" | "errors" | "none" | { readonly stage: string };

/** `--logs` as it is given. */
export const logFilter = (text: string): LogFilter =>
  text === "all" || text === "errors" || text === "none" ? text : { stage: text };

/**
 * Shows what functions log, each line with its stage's name.
 * @param show - gets one or more lines of text
 * @returns the way to stop it
 */
export function tailLogs(
  { lambda }: Pick<Cloud, "lambda">,
  filter: LogFilter,
  c: Colors,
  show: (text: string) => void,
): () => void {
  const painter = new Painter(
    c,
    lambda.functionNames().map((name) => stageOf(lambda, name)),
  );
  /** Whether the last line of a function was shown: what is indented belongs to it. */
  const shown = new Map<string, boolean>();
  const decide = ({ functionName, line }: LogLine, stage: string, { level }: LogEntry): boolean => {
    if (/^\s/.test(line)) return shown.get(functionName) ?? false;
    const isBad = level === "WARN" || level === "ERROR";
    const wanted =
      filter === "all" || (filter !== "none" && (isBad || (filter !== "errors" && filter.stage === stage)));
    shown.set(functionName, wanted);
    return wanted;
  };
  return lambda.logs.onLine((line) => {
    const stage = stageOf(lambda, line.functionName);
    const entry = readLogLine(line.line);
    if (decide(line, stage, entry)) show(painter.paint(line, stage, entry));
  });
}

/** Names of stages stand under one another, up to this many columns. */
const NAME_COLUMNS = 32;

class Painter {
  readonly #c: Colors;
  readonly #palette: readonly ((text: string) => string)[];
  readonly #colorOf = new Map<string, (text: string) => string>();
  #width: number;

  /** @param stages - those that are known already, so that all lines are alike from the first one on */
  constructor(c: Colors, stages: readonly string[]) {
    this.#c = c;
    this.#width = Math.min(NAME_COLUMNS, Math.max(0, ...stages.map(({ length }) => length)));
    this.#palette = [c.cyan, c.magenta, c.green, c.blue, c.yellow, c.cyanBright, c.magentaBright];
  }

  paint({ at }: LogLine, stage: string, { level, message, facts, details }: LogEntry): string {
    const c = this.#c;
    this.#width = Math.min(NAME_COLUMNS, Math.max(this.#width, stage.length));
    const name = this.#paintName(stage);
    const head = `${c.dim(isoOf(at).slice(11, 19))} ${name}`;
    const body = [message, ...facts.map((fact) => c.dim(fact))].filter((part) => part !== "").join("  ");
    const more = details.map((line) => `\n${" ".repeat(this.#width + 10)}${line}`);
    return `${head} ${this.#paintLevel(level)}${body}${more.join("")}`;
  }

  #paintName(stage: string): string {
    const known = this.#colorOf.get(stage);
    const paint = known ?? this.#palette[this.#colorOf.size % this.#palette.length] ?? String;
    this.#colorOf.set(stage, paint);
    return paint(stage.padEnd(this.#width));
  }

  #paintLevel(level: LogEntry["level"]): string {
    switch (level) {
      case "WARN":
        return `${this.#c.yellow("WARN")}  `;
      case "ERROR":
        return `${this.#c.red("ERROR")} `;
      case "DEBUG":
        return `${this.#c.dim("DEBUG")} `;
      default:
        return "";
    }
  }
}
