import type { PaceSpec } from "../operators/pace/spec.ts";

/** Values that a batch may have: it goes on as one row. */
const MOST_VALUES = 10_000;

/** Refuses a pace that lets nothing pass, or spans without a length. */
export function checkPace(
  pace: PaceSpec,
  duration: (what: string, ms: number) => void,
  fail: (code: "PLAN_OPTION", sentence: string) => Error,
): void {
  const count = (what: string, n: number, most: number): void => {
    if (!(Number.isInteger(n) && n >= 1 && n <= most))
      throw fail("PLAN_OPTION", `${what} must be a whole number from 1 to ${most}, not ${n}`);
  };
  switch (pace.by) {
    case "throttle":
      duration("per", pace.per);
      count("most", pace.most, Number.MAX_SAFE_INTEGER);
      break;
    case "debounce":
      duration("quiet", pace.quiet);
      break;
    case "sample":
      if (pace.take !== "first" && pace.take !== "last")
        throw fail("PLAN_OPTION", `take must be first or last, not "${pace.take}"`);
      duration("every", pace.every);
      break;
    case "batch":
      duration("within", pace.within);
      count("size", pace.size, MOST_VALUES);
  }
}
