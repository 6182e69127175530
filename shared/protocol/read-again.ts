import { MillraceError } from "../errors/millrace-error.ts";

const MOST_TRIES = 5;

/**
 * Reads entries of a log that others may be shortening: where one is deleted while it is read, its body is missing, and
 * the next read does not find the entry either.
 * @throws MillraceError `BODY_DAMAGED` where that stays so
 */
export async function readAgain<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await read();
    } catch (thrown) {
      const passing = thrown instanceof MillraceError && thrown.code === "BODY_DAMAGED";
      if (!passing || tries === MOST_TRIES) throw thrown;
    }
}
