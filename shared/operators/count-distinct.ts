import { MillraceError } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";
import { type Aggregate, type Pick, picker } from "./aggregate.ts";
import { checkedKey } from "./checked-key.ts";
import {
  absorbed,
  addTo,
  copied,
  estimated,
  HIGHEST_PRECISION,
  merged,
  precisionFor,
  type Registers,
  standardErrorOf,
} from "./sketches/hyperloglog.ts";

export type CountDistinctOptions = {
  /**
   * The standard error of the estimate, as a part of it: two of three results are within it, 19 of 20 within twice
   * as much. 0.00204 to 0.26; `2^ceil(2·log2(1.04/error))` bytes per key and window at most, 16 KB for 0.01.
   * @default 0.01
   */
  readonly standardError?: number;
};

/**
 * About how many different values there are, by a HyperLogLog: a few bytes for few values, then a fixed number of them
 * whatever comes. 1 and "1" are two values. Up to a sixteenth as many values as bytes (1,024 at 0.01) are counted exactly,
 * but for one chance in millions that two hashes are alike.
 * @throws MillraceError `PLAN_OPTION` for an error that no sketch keeps
 */
export function countDistinct<T>(
  of: Pick<T, Key>,
  { standardError = 0.01 }: CountDistinctOptions = {},
): Aggregate<T, number> {
  const precision = precisionFor(standardError);
  if (!(standardError > 0 && standardError < 1) || precision > HIGHEST_PRECISION)
    throw new MillraceError(
      "PLAN_OPTION",
      `countDistinct: a standard error of ${standardError} is impossible: give one from ${standardErrorOf(HIGHEST_PRECISION).toFixed(5)} to below 1`,
      { next: "refused" },
    );
  const pick = picker(of);
  return {
    name: `countDistinct/${precision}`,
    create: (): Registers => new Map(),
    extract: (value, info) => checkedKey(pick(value, info), "countDistinct"),
    add: (registers: Registers, value: Key): Registers => addTo(registers, value, precision),
    merge: (a: Registers, b: Registers): Registers => merged(a, b, precision),
    finish: (registers: Registers) => Math.round(estimated(registers, precision)),
    clone: copied,
    fallible: false,
    combines: "accumulator",
    absorb: (into: Registers, from: Registers): Registers => absorbed(into, from, precision),
  };
}
