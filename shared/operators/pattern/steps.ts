import type { ForbiddingStep, PatternSpec, TakingStep } from "./spec.ts";

/** A way on from a step, or from the beginning: what is taken next, and what must not come before it. */
export type Way = {
  /** Of the taking steps; undefined where the match ends without another event. */
  readonly to: number | undefined;
  readonly contiguity: "strict" | "relaxed" | "any";
  readonly forbidden: readonly ForbiddingStep[];
};

/** The steps of a pattern that take events, and the ways between them. */
export type Ways = {
  readonly steps: readonly TakingStep[];
  /** By which a match may begin. */
  readonly first: readonly Way[];
  /** By step: further ways once it has its least number of events; taking another one for itself is not among them. */
  readonly onward: readonly (readonly Way[])[];
};

/**
 * Lists the ways: an optional step may be passed over, and what is forbidden on either side of it holds then too.
 */
export function waysOf({ steps }: PatternSpec): Ways {
  const taking = steps.filter((step) => step.kind === "take");
  const from = (at: number): Way[] => {
    const ways: Way[] = [];
    const forbidden: ForbiddingStep[] = [];
    let next = at < 0 ? 0 : taking.indexOf(steps[at] as TakingStep) + 1;
    for (const step of steps.slice(at + 1)) {
      if (step.kind === "forbid") {
        forbidden.push(step);
        continue;
      }
      ways.push({ to: next, contiguity: step.contiguity, forbidden: [...forbidden] });
      if (step.min > 0) return ways;
      next += 1;
    }
    return [...ways, { to: undefined, contiguity: "relaxed", forbidden }];
  };
  return {
    steps: taking,
    // a match has at least one event
    first: from(-1).filter(({ to }) => to !== undefined),
    onward: taking.map((step) => from(steps.indexOf(step))),
  };
}
