import { type DurationMs, milliseconds as ms } from "../../shared/index.ts";

/** The stream of the readings: out of order, and idle at times. */
export const source: {
  readonly outOfOrder: number;
  readonly idle: {
    readonly threshold: DurationMs;
    readonly incrementBy: DurationMs;
    readonly initSourceDelay: DurationMs;
  };
} = {
  outOfOrder: 12,
  idle: { threshold: ms(20), incrementBy: ms(15), initSourceDelay: ms(50) },
};
