import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { ERROR_CODES, type ErrorCode } from "../../../shared/errors/codes.ts";
import { MillraceError } from "../../../shared/errors/millrace-error.ts";
import { ownFile } from "../own-file.ts";
import type { AppRun } from "./app-process.ts";

/** What an app has thrown, as it told. */
export type Thrown = {
  readonly name?: string | undefined;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: unknown;
  /** esbuild's, where a bundle could not be built. */
  readonly errors?: unknown;
};

/** esbuild's message (https://esbuild.github.io/api/#build-errors), as far as it is shown. */
type BuildMessage = {
  readonly text: string;
  readonly location?: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly lineText: string;
  } | null;
};

const LINES_SHOWN = 20;

/** An app's failure as an error: with the planner's own code where it has one, else with what the app has said. */
export function synthFailure({ thrown, said }: AppRun, folder: string): MillraceError {
  if (isKnown(thrown?.code))
    return new MillraceError(thrown.code, thrown.message, { next: "refused", cause: thrown });
  const text = textOf(thrown, said, folder) || "the app ended without a word and without a template";
  return new MillraceError("SYNTH_FAILED", text, { next: "refused", cause: thrown });
}

function textOf(thrown: Thrown | undefined, said: string, folder: string): string {
  if (thrown === undefined) return plainText(said, folder);
  if (Array.isArray(thrown.errors)) return buildText(thrown.errors as BuildMessage[], folder);
  // what Node prints of it has the line in it
  if (thrown.name === "SyntaxError") return plainText(said, folder);
  return [`${thrown.name ?? "Error"}: ${thrown.message}`, ...placeOf(thrown.stack, folder)].join("\n");
}

/** Where in the user's own files an error was thrown. */
function placeOf(stack: unknown, folder: string): readonly string[] {
  const lines = String(stack ?? "").split("\n");
  const frame = lines.find((line) => line.includes(folder) && !line.includes("node_modules"));
  const [, path, line] = /(?:file:\/\/)?(\/[^():]+):(\d+):\d+\)?$/.exec(frame ?? "") ?? [];
  return path === undefined ? [] : [`    at ${relative(folder, path)}:${line}`];
}

const isKnown = (code: unknown): code is ErrorCode => typeof code === "string" && code in ERROR_CODES;

/** esbuild's paths are relative to the folder of the functions, whose bundles it builds. */
function buildText(errors: readonly BuildMessage[], folder: string): string {
  const root = dirname(dirname(ownFile("functions/stage")));
  return errors
    .map(({ text, location }) => {
      if (!location) return text;
      const { file, line, column, lineText } = location;
      const path = [resolve(root, file), resolve(folder, file)].find((candidate) => existsSync(candidate));
      return `${path === undefined ? file : relative(folder, path)}:${line}:${column + 1} ${text}\n    ${lineText.trim()}`;
    })
    .join("\n");
}

/** What Node prints of an error that nobody caught, without the stack and with paths as the user knows them. */
function plainText(said: string, folder: string): string {
  const lines = said
    .split("\n")
    .filter((line) => !NOISE.test(line))
    .map((line) =>
      line.replaceAll(/(?:file:\/\/)?(\/[^\s:]+)/g, (text, path: string) =>
        path.startsWith(folder) ? relative(folder, path) : text,
      ),
    );
  // a place in Node itself, with the line that threw
  const from = lines.findIndex((line) => line.includes("triggerUncaughtException")) + 1;
  return lines
    .slice(from)
    .filter((line, index) => index > 0 || !/^\s*\^+\s*$/.test(line))
    .slice(0, LINES_SHOWN)
    .join("\n")
    .trim();
}

const NOISE = /^\s+at |^Node\.js v|^\s*$|^node:internal|^\s+(code|\[cause\]): |^}$/;
