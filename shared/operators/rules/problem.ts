/** What is wrong with a rule's text, or with what it found in an event, and where in the text. */
export class RuleProblem extends Error {
  override readonly name = "RuleProblem";

  /** @param at - where in the text, as a number of UTF-16 units */
  constructor(sentence: string, text: string, at: number | undefined) {
    super(at === undefined ? sentence : `at ${placeOf(text, at)}: ${sentence}`);
  }
}

/** Line and column, both from 1. */
function placeOf(text: string, at: number): string {
  const lines = text.slice(0, at).split("\n");
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}
