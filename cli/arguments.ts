import { InvalidArgumentError, Option } from "commander";

/** A whole number in a range, for an option. */
export const wholeNumber =
  (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most)
      throw new InvalidArgumentError(
        `It must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`}.`,
      );
    return number;
  };

/** `--input <stream=file>`, once per stream: the files by stream. */
export const inputOption = (): Option => filesOption("--input", "stream", "JSON lines");

/** `--lookup <table=file>`, once per table that pipelines look up: the files by table. */
export const lookupOption = (): Option => filesOption("--lookup", "table", "JSON lines or CSV");

const filesOption = (flag: string, of: "stream" | "table", format: string): Option =>
  new Option(`${flag} <${of}=file>`, `${format}, .gz or not; once per ${of}`)
    .argParser((text: string, before: ReadonlyMap<string, string>) => withFile(of, text, before))
    .default(new Map(), "none");

function withFile(
  of: "stream" | "table",
  text: string,
  before: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const [, name, file] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || file === undefined) throw new InvalidArgumentError(`It must be <${of}>=<file>.`);
  if (before.has(name))
    throw new InvalidArgumentError(`${of === "stream" ? "Stream" : "Table"} "${name}" has a file already.`);
  return new Map(before).set(name, file);
}

/** `a,b,c`; nothing for an empty text. */
export const commaSeparated = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
