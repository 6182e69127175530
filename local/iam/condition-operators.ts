import { BlockList, isIPv4, isIPv6 } from "node:net";
import { parseTime } from "../../shared/time/clock.ts";
import type { PatternKind } from "./pattern.ts";

/**
 * One family of condition operators. `pattern` says how texts are compared; `test` reads the policy's value once and
 * compares a call's value with it (undefined: the policy's value is not of that kind).
 */
export type Comparison =
  | { readonly pattern: PatternKind; readonly ignoresCase?: boolean }
  | { readonly test: (policyValue: string) => ((value: string) => boolean) | undefined };

export type Operator = {
  readonly comparison: Comparison;
  /** Whether it holds where no value of the policy fits, as StringNotEquals. */
  readonly isNegated: boolean;
};

type Order = (value: number, policyValue: number) => boolean;

const ordered = (read: (text: string) => number | undefined, order: Order): Comparison => ({
  test: (policyValue) => {
    const bound = read(policyValue);
    if (bound === undefined) return undefined;
    return (text) => {
      const value = read(text);
      return value !== undefined && order(value, bound);
    };
  },
});

const numberOf = (text: string): number | undefined =>
  /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined;

/** An ISO 8601 date or time, or seconds since 1970; in milliseconds. */
const timeOf = (text: string): number | undefined => {
  const seconds = numberOf(text);
  if (seconds !== undefined) return seconds * 1_000;
  return parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
};

const ORDERS: Readonly<Record<string, Order>> = {
  Equals: (value, bound) => value === bound,
  LessThan: (value, bound) => value < bound,
  LessThanEquals: (value, bound) => value <= bound,
  GreaterThan: (value, bound) => value > bound,
  GreaterThanEquals: (value, bound) => value >= bound,
};

const family = (
  name: string,
  read: (text: string) => number | undefined,
): readonly (readonly [string, Operator])[] => [
  ...Object.entries(ORDERS).map(
    ([order, holds]) => [`${name}${order}`, { comparison: ordered(read, holds), isNegated: false }] as const,
  ),
  [`${name}NotEquals`, { comparison: ordered(read, (value, bound) => value === bound), isNegated: true }],
];

const bool: Comparison = {
  test: (policyValue) => {
    const wanted = policyValue.toLowerCase();
    return wanted === "true" || wanted === "false" ? (value) => value.toLowerCase() === wanted : undefined;
  },
};

/** An address, or a range of them as `203.0.113.0/24` or `2001:db8::/32`. */
const ipAddress: Comparison = {
  test: (policyValue) => {
    const [address = "", bits] = policyValue.split("/");
    const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
    const longest = family === "ipv4" ? 32 : 128;
    const prefix = bits === undefined ? longest : Number(bits);
    if (family === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > longest) return undefined;
    const range = new BlockList();
    range.addSubnet(address, prefix, family);
    return (value) => {
      if (isIPv4(value)) return range.check(value, "ipv4");
      return isIPv6(value) && range.check(value, "ipv6");
    };
  },
};

const pair = (
  positive: string,
  negative: string,
  comparison: Comparison,
): readonly (readonly [string, Operator])[] => [
  [positive, { comparison, isNegated: false }],
  [negative, { comparison, isNegated: true }],
];

/**
 * Every operator but `Null`, which asks whether there is a value, and BinaryEquals, for which no key here has bytes.
 * Source: "IAM JSON policy elements: Condition operators", IAM User Guide.
 */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...pair("StringEquals", "StringNotEquals", { pattern: "exact" }),
  ...pair("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", { pattern: "exact", ignoresCase: true }),
  ...pair("StringLike", "StringNotLike", { pattern: "glob" }),
  // the two are one: an ARN is compared part by part, with wildcards, under either name
  ...pair("ArnEquals", "ArnNotEquals", { pattern: "arn" }),
  ...pair("ArnLike", "ArnNotLike", { pattern: "arn" }),
  ...pair("IpAddress", "NotIpAddress", ipAddress),
  ...family("Numeric", numberOf),
  ...family("Date", timeOf),
  ["Bool", { comparison: bool, isNegated: false }],
]);
