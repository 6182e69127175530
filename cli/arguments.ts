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
export const inputOption = (): Option =>
  new Option("--input <stream=file>", "JSON lines, .gz or not; once per stream")
    .argParser(inputFile)
    .default(new Map(), "none");

function inputFile(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [, stream, file] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (stream === undefined || file === undefined)
    throw new InvalidArgumentError("It must be <stream>=<file>.");
  if (before.has(stream)) throw new InvalidArgumentError(`Stream "${stream}" has a file already.`);
  return new Map(before).set(stream, file);
}

/** `a,b,c`; nothing for an empty text. */
export const commaSeparated = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
