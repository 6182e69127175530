import { type DurationMs, hours, minutes } from "../../shared/time/time.ts";

/** How long environments stay warm. AWS promises nothing: code must not count on meeting one again, or on losing it. */
export type Lifetimes = {
  /** How long one may wait for work. @default 10 minutes */
  readonly idle: DurationMs;
  /**
   * How long one lives, even where it is always at work: AWS ends them every few hours
   * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html). @default 2 hours
   */
  readonly age: DurationMs;
  /**
   * The share of invocations, 0 to 1, picked at random, that start in a new environment although a warm one is idle.
   * @default 0
   */
  readonly coldStartShare: number;
};

export const DEFAULT_LIFETIMES: Lifetimes = { idle: minutes(10), age: hours(2), coldStartShare: 0 };
