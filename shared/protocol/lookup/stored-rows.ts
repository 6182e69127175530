import type { Key } from "../../events/event.ts";
import type { TableSpec } from "../../operators/lookup/spec.ts";
import { appendTo } from "../../state/lists.ts";

/** The rows of a file by key, not yet checked. */
export type StoredByKey = {
  readonly stored: ReadonlyMap<Key, readonly unknown[]>;
  /** Why what is not found may be in it all the same. */
  readonly astray: string | undefined;
};

/** Finds the rows of each key among a file's lines, of which undefined is one that is no JSON. */
export function storedByKey({ key, version }: TableSpec, lines: readonly unknown[]): StoredByKey {
  const stored = new Map<Key, unknown[]>();
  let astray: string | undefined;
  for (const [i, line] of lines.entries()) {
    const of = typeof line === "object" && line !== null ? (line as Record<string, unknown>)[key] : undefined;
    if (typeof of !== "string" && typeof of !== "number")
      astray ??= `line ${i + 1} is no JSON object with a string or a number as "${key}", so that it may be the row that is missing`;
    // without versions the last line of a key is its row
    else if (version === undefined) stored.set(of, [line]);
    else appendTo(stored, of, line);
  }
  return { stored, astray };
}
