import type { DurationMs } from "../../time/time.ts";

/** What a pattern has taken so far, by the names of its steps. */
export type Captures = Readonly<Record<string, readonly unknown[]>>;

export type Condition = (value: unknown, captures: Captures) => boolean;

/**
 * Which event may be next: `strict`, the very next one of the key; `relaxed`, the next one that fits, whatever lies
 * between; `any`, every later one that fits, each a match of its own.
 */
type Contiguity = "strict" | "relaxed" | "any";

/** Events that a pattern takes. */
export type TakingStep = {
  readonly kind: "take";
  readonly name: string;
  readonly contiguity: Contiguity;
  readonly where: Condition;
  /** 0 where the step is optional. */
  readonly min: number;
  readonly max: number;
  /** Between the events of this step. */
  readonly inner: Contiguity;
};

/** What must not lie between the events around it: `next`, not right behind; `between`, not anywhere. */
export type ForbiddingStep = {
  readonly kind: "forbid";
  readonly name: string;
  readonly reach: "next" | "between";
  readonly where: Condition;
};

export type PatternStep = TakingStep | ForbiddingStep;

/**
 * What a match ends besides itself. `noSkip`: nothing. `skipToNext`: all that began with the same event.
 * `skipPastLastEvent`: all that began with any of its events or between them. `first`, `last`: all that began before the
 * first, or last, event of that step.
 */
export type SkipStrategy =
  | "noSkip"
  | "skipToNext"
  | "skipPastLastEvent"
  | { readonly first: string }
  | { readonly last: string };

export type PatternSpec = {
  readonly steps: readonly PatternStep[];
  /** A match's last event comes less than this after its first. */
  readonly within: DurationMs;
};

export type MatchSpec = {
  readonly pattern: PatternSpec;
  readonly skip: SkipStrategy;
  /** Matches under way, per key. */
  readonly most: number;
};
