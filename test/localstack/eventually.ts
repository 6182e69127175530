import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";

export type Patience = {
  /** @default 120 s */
  readonly withinMs?: number;
};

/**
 * Looks each second until `what` is so: until neither throws any more.
 * @returns what was seen then
 * @throws what was thrown last, with `what` before it
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  check: (seen: T) => void,
  { withinMs = 120_000 }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      const seen = await look();
      check(seen);
      return seen;
    } catch (notYet) {
      if (performance.now() > deadline)
        expect.fail(`${what}: not within ${withinMs / 1_000} s: ${String(notYet)}`);
    }
    await pause(1_000);
  }
}
