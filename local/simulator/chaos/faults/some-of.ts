import type { Random } from "../../random.ts";

/** The entries of a batch call that fail: one, all but one, or any of them, and never all. */
export function someOf(entries: number, random: Random): number[] {
  const one = random.below(entries);
  const all = Array.from({ length: entries }, (_, i) => i);
  const how = random.below(3);
  if (how === 0) return [one];
  if (how === 1) return all.filter((i) => i !== one);
  const some = all.filter((i) => i !== one && random.chance(0.5));
  return some.length > 0 ? some : [one];
}
