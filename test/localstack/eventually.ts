import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";

export type Patience = {
  /** @default 120 s */
  readonly withinMs?: number;
};

/**
 * Looks each second until `what` is so: until `check` throws no more.
 * @returns what was seen then
 * @throws what `check` threw last, with `what` before it
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  check: (seen: T) => void,
  { withinMs = 120_000 }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    try {
      check(seen);
      return seen;
    } catch (notYet) {
      if (performance.now() > deadline)
        expect.fail(`${what}: not within ${withinMs / 1_000} s: ${String(notYet)}`);
    }
    await pause(1_000);
  }
}
