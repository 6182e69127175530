import { fc } from "@fast-check/vitest";
import { lake, milliseconds as ms, type Pattern, pattern, type StepBuilder } from "../../shared/index.ts";
import { anyMs, type Row, type Rows, rowsOf } from "./rows.ts";

/** One operator of a generated pipeline. */
export type MatchStep = {
  readonly kind: "match";
  readonly steps: readonly Word[];
  readonly within: number;
  readonly skip: "noSkip" | "skipToNext" | "skipPastLastEvent" | { readonly first: "s0" };
  readonly maxRuns: number;
};

/** A step of a pattern: what it takes has an `n` of at least `least`, and its condition throws at one. */
type Word = {
  readonly how: "next" | "followedBy" | "followedByAny" | "notNext" | "notFollowedBy";
  readonly least: number;
  readonly throwsAt: number;
  readonly times: "once" | "twice" | "optional" | "oneOrMore";
};

const anyWord: fc.Arbitrary<Word> = fc.record({
  how: fc.constantFrom("next", "followedBy", "followedBy", "followedByAny", "notNext", "notFollowedBy"),
  least: fc.nat({ max: 6 }),
  throwsAt: fc.nat({ max: 20 }),
  times: fc.constantFrom("once", "once", "twice", "optional", "oneOrMore"),
});

export const anyMatch: fc.Arbitrary<MatchStep> = fc.record({
  kind: fc.constant("match" as const),
  steps: fc.array(anyWord, { minLength: 1, maxLength: 3 }),
  within: anyMs(1, 60),
  skip: fc.constantFrom("noSkip" as const, "skipToNext" as const, "skipPastLastEvent" as const, {
    first: "s0" as const,
  }),
  maxRuns: anyMs(1, 12),
});

export function matched(flow: Rows, step: MatchStep, i: number): Rows {
  const { steps, within, maxRuns } = step;
  // only a step that takes events can be skipped to
  const skip = typeof step.skip === "object" && steps[0]?.how.startsWith("not") ? "noSkip" : step.skip;
  const found = flow.match(patternOf(steps, within), { id: `match_${i}`, skip, maxRuns });
  found.timeouts.to(lake(`timeouts_${i}`));
  found.late.to(lake(`late_${i}`));
  found.failed.to(lake(`failed_${i}`));
  return rowsOf(
    found.map(({ key, match }, { time }): Row => {
      const rows = Object.values(match).flat();
      return {
        id: rows.map((row) => row.id).join("-"),
        k: String(key),
        g: rows.length % 3,
        t: time,
        n: rows.reduce((sum, { n }) => sum + n, 0) % 8,
      };
    }),
  );
}

/** A pattern that is never refused: nothing is forbidden on the way to the very next event. */
function patternOf(words: readonly Word[], within: number): Pattern<Row, string> {
  const whereOf =
    ({ least, throwsAt }: Word) =>
    (row: Row, taken: Readonly<Record<string, readonly Row[]>>): boolean => {
      if (row.n === throwsAt) throw new RangeError(`a condition throws at ${throwsAt}`);
      return row.n + Object.values(taken).flat().length >= least;
    };
  const first = pattern<Row>().begin<string>("begin", ({ n }) => n > 0);
  const built = words.reduce((so, word, i) => {
    const { how, times } = word;
    const name = `s${i}`;
    if (how === "notNext") return so.notNext(name, whereOf(word)) as StepBuilder<Row, string>;
    if (how === "notFollowedBy" && words[i + 1]?.how !== "next")
      return so.notFollowedBy(name, whereOf(word)) as StepBuilder<Row, string>;
    const taking = so[how === "notFollowedBy" ? "followedBy" : how](name, whereOf(word));
    if (times === "once") return taking;
    return times === "twice" ? taking.times(1, 2) : taking[times]();
  }, first);
  return built.within(ms(within));
}
