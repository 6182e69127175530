import type { MatchSpec, PatternStep } from "../operators/pattern/spec.ts";

/** Refuses a pattern that can never match, or whose words say nothing. */
export function checkPattern({ pattern, skip, most }: MatchSpec, fail: (sentence: string) => Error): void {
  const { steps } = pattern;
  const names = new Set<string>();
  for (const [i, step] of steps.entries()) {
    if (names.has(step.name))
      throw fail(`two steps are called "${step.name}": their events could not be told apart`);
    names.add(step.name);
    checkStep(step, steps[i + 1], fail);
  }
  const taking = steps.filter((step) => step.kind === "take");
  if (taking.every(({ min }) => min === 0))
    throw fail("all of its steps are optional, so that nothing at all would match");
  if (steps[0]?.kind === "forbid") throw fail(`it begins with "${steps[0].name}", which takes no event`);
  const skipTo = typeof skip === "object" ? ("first" in skip ? skip.first : skip.last) : undefined;
  if (skipTo !== undefined && !taking.some(({ name }) => name === skipTo))
    throw fail(`it skips to "${skipTo}", and no step that takes events is called so`);
  if (!(Number.isInteger(most) && most >= 1))
    throw fail(`maxRuns must be a whole number from 1, not ${most}`);
}

function checkStep(
  step: PatternStep,
  next: PatternStep | undefined,
  fail: (sentence: string) => Error,
): void {
  if (step.kind === "forbid") {
    if (step.reach === "between" && next?.kind === "take" && next.contiguity === "strict")
      throw fail(
        `nothing lies between its steps around "${step.name}": "${next.name}" must be the very next event`,
      );
    return;
  }
  const { min, max, name } = step;
  const isCount = (n: number): boolean => Number.isInteger(n) && n >= 0;
  if (!isCount(min) || !(isCount(max) || max === Number.POSITIVE_INFINITY) || max < 1 || min > max)
    throw fail(`step "${name}" can never match: it takes ${min} to ${max} events`);
}
