import { expect, test } from "vitest";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { readAgain } from "../../shared/protocol/read-again.ts";

const damaged = new MillraceError("BODY_DAMAGED", "a body is missing", { next: "retried" });

/** A read that fails so often first. */
function failing(times: number, error: unknown): { read: () => Promise<string>; reads: () => number } {
  let reads = 0;
  return {
    reads: () => reads,
    read: async () => {
      reads += 1;
      if (reads <= times) throw error;
      return "entries";
    },
  };
}

test("what is whole is read once", async () => {
  const { read, reads } = failing(0, damaged);
  expect(await readAgain(read)).toBe("entries");
  expect(reads()).toBe(1);
});

test("a log that is being shortened is read again, five times in all", async () => {
  const passing = failing(4, damaged);
  expect(await readAgain(passing.read)).toBe("entries");
  expect(passing.reads()).toBe(5);
  const lasting = failing(9, damaged);
  await expect(readAgain(lasting.read)).rejects.toBe(damaged);
  expect(lasting.reads()).toBe(5);
});

test.each([
  new MillraceError("ENTRY_UNKNOWN", "another version", { next: "retried" }),
  Object.assign(new Error("another's error"), { code: "BODY_DAMAGED" }),
  new Error("throttled"),
])("what else goes wrong is told at once: %s", async (error) => {
  const { read, reads } = failing(1, error);
  await expect(readAgain(read)).rejects.toBe(error);
  expect(reads()).toBe(1);
});
