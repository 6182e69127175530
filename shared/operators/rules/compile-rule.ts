import { Environment } from "@marcbachmann/cel-js";
import type { EventInfo } from "../../events/event.ts";
import { checkRule } from "./check-rule.ts";
import { RuleProblem } from "./problem.ts";

/** Whether a rule is true of an event. Throws `RuleProblem` where it cannot say. */
export type CompiledRule = (value: unknown, info: EventInfo) => boolean;

/** Characters of a rule's text. */
const MOST_CHARS = 4_000;

/** What is read, and how much of it: see docs/operators/rules.md. */
const language = new Environment({
  limits: { maxAstNodes: 300, maxDepth: 40, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 4 },
})
  .registerVariable("event", "dyn")
  .registerVariable("key", "dyn")
  .registerVariable("time", "google.protobuf.Timestamp");

/**
 * Reads a rule, an expression in CEL over `event`, `key` and `time`.
 * @throws RuleProblem where it is none, is too large, may not be, or gives something else than true or false
 * @see https://github.com/google/cel-spec/blob/master/doc/langdef.md
 */
export function compileRule(text: string): CompiledRule {
  if (text.length > MOST_CHARS)
    throw new RuleProblem(`a rule has ${MOST_CHARS} characters at most, not ${text.length}`, text, undefined);
  const parsed = attempt(text, () => language.parse(text));
  checkRule(parsed.ast, (node, sentence) => new RuleProblem(sentence, text, node.range.start));
  const { valid, type, error } = parsed.check();
  if (!valid) throw problemOf(text, error);
  if (type !== "bool" && type !== "dyn")
    throw new RuleProblem(`a rule gives true or false, and this one a ${type}`, text, 0);
  return (value, { key, time }) => {
    // biome-ignore lint/style/noRestrictedGlobals: how the package has timestamps; the machine's time is not read
    const result = attempt(text, () => parsed({ event: value, key, time: new Date(time) }));
    if (typeof result === "boolean") return result;
    throw new RuleProblem("it gives neither true nor false here", text, 0);
  };
}

function attempt<R>(text: string, run: () => R): R {
  try {
    return run();
  } catch (thrown) {
    throw problemOf(text, thrown);
  }
}

/** The package's errors have a sentence without the picture of the text, and a range. */
function problemOf(text: string, thrown: unknown): RuleProblem {
  const { summary, range } = thrown as { readonly summary?: string; readonly range?: { start: number } };
  return new RuleProblem(summary ?? String(thrown), text, range?.start);
}
