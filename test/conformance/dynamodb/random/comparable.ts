import type { Answer } from "../client.ts";

/**
 * An answer without what DynamoDB Local does otherwise and does not matter here: how numbers within lists and maps are
 * written, which of several paths or names it tells of, how a value looks in an error, its words for too many digits.
 */
export function comparable(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(comparable);
  if (typeof answer !== "object" || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, member]) => [name, settled(name, member)]));
}

/** An error without its words: where several things are wrong, DynamoDB Local takes any of them. */
export const coded = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (name, member) => (/^message$/i.test(name) ? undefined : member)));

/**
 * Whether something is wrong with a request; DynamoDB Local refuses the whole transaction where an update does not go
 * with its item.
 */
export const isInvalid = ({ refused, CancellationReasons: reasons }: Answer): boolean =>
  refused === "ValidationException" ||
  (Array.isArray(reasons) && reasons.some(({ Code }) => Code === "ValidationError"));

function settled(name: string, member: unknown): unknown {
  if (name === "N" && typeof member === "string") return canonical(member);
  if (name === "NS" && Array.isArray(member)) return member.map(canonical).sort();
  if (name === "message" && typeof member === "string") return words(member);
  return comparable(member);
}

const words = (message: string): string =>
  message
    .replace(/Two document paths .*/s, "Two document paths clash")
    .replace(/operand: AttributeValue: .*/s, "")
    .replace(/does not project .*/s, "does not project")
    .replace(
      "DynamoDB only supports precision up to 38 digits",
      "Attempting to store more than 38 significant digits in a Number",
    );

/** A number's digits and its exponent: `1.10`, `1.1` and `11E-1` are the same. */
function canonical(number: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d*)\.?(\d*)(?:E([+-]?\d+))?$/i.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}E${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
