import { ServiceError } from "../service-error.ts";
import { jsonPattern } from "./json-pattern.ts";

/** Whether a log event matches. */
export type Matches = (message: string) => boolean;

const TERM = /\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;

/**
 * A CloudWatch Logs filter pattern: terms that all must occur, `?term`s of which one must, `-term`s that must not, in
 * any order and case-sensitive; or a JSON pattern in braces. The space-delimited form in brackets and regular
 * expressions are not modelled.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws ServiceError InvalidParameterException
 */
export function filterPattern(pattern: string): Matches {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) return jsonPattern(text);
  if (text.startsWith("[") || /(^|\s)[?-]?%/.test(text))
    throw new ServiceError("InvalidParameterException", `the filter pattern ${text} is not modelled`);
  const all: string[] = [];
  const some: string[] = [];
  const none: string[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const [, sign, quoted, plain] = TERM.exec(text) ?? [];
    const term = quoted?.replaceAll(/\\(.)/g, "$1") ?? plain;
    if (term === undefined)
      throw new ServiceError("InvalidParameterException", `Invalid filter pattern: ${text}`);
    (sign === "?" ? some : sign === "-" ? none : all).push(term);
  }
  return (message) => {
    const occurs = (term: string): boolean => message.includes(term);
    return (
      all.every(occurs) && !none.some(occurs) && (some.length === 0 || all.length > 0 || some.some(occurs))
    );
  };
}
