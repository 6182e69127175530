import { MillraceError } from "../errors/millrace-error.ts";
import { type Aggregate, type Pick, picker, primitive } from "./aggregate.ts";

/** A double where it is exact, so that one sum is kept in one way. */
type Whole = number | bigint;

const plus = (a: Whole, b: Whole): Whole => {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    // -0 is how 0 looks from below
    if (Number.isSafeInteger(sum)) return sum + 0;
  }
  const sum = BigInt(a) + BigInt(b);
  return Number.isSafeInteger(Number(sum)) ? Number(sum) : sum;
};

/** The sum of whole numbers, kept exactly however large it becomes. */
export function wholeSum<T>(of: Pick<T, number>): Aggregate<T, number> {
  const pick = picker(of);
  return primitive<T, Whole, number, number>("sum/whole", {
    create: () => 0,
    extract: (value, info) => {
      const picked = pick(value, info);
      if (Number.isSafeInteger(picked)) return picked;
      throw new MillraceError("AGGREGATE_VALUE", `a sum of whole numbers does not take ${String(picked)}`, {
        next: "dead-lettered",
      });
    },
    add: plus,
    merge: plus,
    finish: Number,
    divisible: true,
    combines: "accumulator",
  });
}
