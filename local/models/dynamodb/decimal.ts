import { validation } from "./validation.ts";

/** An exact number `unscaled × 10^exponent`, without trailing zeros; 0 has the exponent 0. */
export type Decimal = { readonly unscaled: bigint; readonly exponent: number };

const MAX_DIGITS = 38;
const MAX_MAGNITUDE = 125;
const MIN_MAGNITUDE = -130;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;
const SMALL_INTEGER = /^-?\d{1,15}$/;

/** Reads a number as DynamoDB takes it: up to 38 significant digits, 1E-130 to 9.99…E+125 in magnitude. */
function parseDecimal(text: string): Decimal {
  const [, sign, whole = "", fraction = "", power = "0"] = NUMBER.exec(text) ?? [];
  if (sign === undefined || whole.length + fraction.length === 0)
    throw validation(`The parameter cannot be converted to a numeric value${text === "" ? "" : `: ${text}`}`);
  const unscaled = BigInt(whole + fraction);
  return normalised(sign === "-" ? -unscaled : unscaled, Number(power) - fraction.length);
}

/** The number in plain digits, the one way in which DynamoDB gives it back: `1.50e2` is `150`. */
function formatDecimal({ unscaled, exponent }: Decimal): string {
  const sign = unscaled < 0n ? "-" : "";
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
  if (exponent >= 0) return sign + digits + "0".repeat(exponent);
  const padded = digits.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** The canonical text of a number. */
export const canonicalNumber = (text: string): string =>
  SMALL_INTEGER.test(text) ? String(Number(text) + 0) : formatDecimal(parseDecimal(text));

/** Orders two numbers by value, exactly: negative where `a` is less. */
export function compareNumbers(a: string, b: string): number {
  if (SMALL_INTEGER.test(a) && SMALL_INTEGER.test(b)) return Number(a) - Number(b);
  const { unscaled } = sum(parseDecimal(a), negated(parseDecimal(b)));
  return unscaled < 0n ? -1 : unscaled > 0n ? 1 : 0;
}

/** `a + sign × b` as canonical text; a ValidationException where the result does not fit. */
export function addNumbers(a: string, b: string, sign: 1 | -1): string {
  const other = parseDecimal(b);
  const { unscaled, exponent } = sum(parseDecimal(a), sign === 1 ? other : negated(other));
  return formatDecimal(normalised(unscaled, exponent));
}

const negated = ({ unscaled, exponent }: Decimal): Decimal => ({ unscaled: -unscaled, exponent });

function sum(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = (d: Decimal): bigint => d.unscaled * 10n ** BigInt(d.exponent - exponent);
  return { unscaled: scaled(a) + scaled(b), exponent };
}

function normalised(unscaled: bigint, exponent: number): Decimal {
  if (unscaled === 0n) return { unscaled, exponent: 0 };
  const text = unscaled.toString();
  const significant = text.replace(/0+$/, "");
  const digits = significant.length - (unscaled < 0n ? 1 : 0);
  const shift = text.length - significant.length;
  const magnitude = exponent + shift + digits - 1;
  if (digits > MAX_DIGITS)
    throw validation("Attempting to store more than 38 significant digits in a Number");
  if (magnitude > MAX_MAGNITUDE)
    throw validation(
      "Number overflow. Attempting to store a number with magnitude larger than supported range",
    );
  if (magnitude < MIN_MAGNITUDE)
    throw validation(
      "Number underflow. Attempting to store a number with magnitude smaller than supported range",
    );
  return { unscaled: BigInt(significant), exponent: exponent + shift };
}
