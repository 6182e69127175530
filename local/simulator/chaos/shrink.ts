/**
 * The smallest list found that still fails: leaves out ever smaller parts, as long as what is left fails (ddmin:
 * Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002). No single element of the result can
 * be left out, unless the tries ran out.
 * @param fails - whether a part of the list, in its order, fails; the whole list does
 * @param most - tries
 */
export async function shrink<T>(
  all: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  most: number,
): Promise<readonly T[]> {
  let left = all;
  let parts = 2;
  for (let tries = 0; left.length > 0 && tries < most; ) {
    const size = Math.ceil(left.length / parts);
    let smaller: readonly T[] | undefined;
    for (let from = 0; from < left.length && smaller === undefined && tries < most; from += size) {
      const rest = [...left.slice(0, from), ...left.slice(from + size)];
      tries += 1;
      if (await fails(rest)) smaller = rest;
    }
    if (smaller !== undefined) {
      left = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return left;
    else parts = Math.min(left.length, parts * 2);
  }
  return left;
}
