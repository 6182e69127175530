import { type BloomOptions, partSize } from "../operators/bloom/size.ts";
import type { refuse } from "./refuse.ts";

/** Of one filter; there are six of them at one time, and more. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Refuses error bounds that no filter keeps, or that no function has the memory for. */
export function checkBloom(
  { errorRate, capacity }: BloomOptions,
  fail: (code: Parameters<typeof refuse>[0], sentence: string) => Error,
): void {
  if (!(errorRate > 0 && errorRate < 1))
    throw fail("PLAN_OPTION", `approximate.errorRate must be above 0 and below 1, not ${errorRate}`);
  if (!(Number.isSafeInteger(capacity) && capacity >= 1))
    throw fail("PLAN_OPTION", `approximate.capacity must be a whole number from 1, not ${capacity}`);
  const bytes = Math.ceil(partSize({ errorRate, capacity }).bits / 8);
  if (!(bytes <= MOST_BYTES))
    throw fail(
      "PLAN_OPTION",
      `${capacity} ids at an error rate of ${errorRate} need filters of ${bytes} bytes, and may have ${MOST_BYTES}: allow more errors, or use more partitions`,
    );
}
