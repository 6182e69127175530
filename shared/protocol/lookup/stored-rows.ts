import type { Key } from "../../events/event.ts";
import type { FileContent, FileLine } from "../../operators/lookup/file-format.ts";
import type { TableSpec } from "../../operators/lookup/spec.ts";
import { appendTo } from "../../state/lists.ts";

/** The rows of a file by key, not yet checked. */
export type StoredByKey = {
  readonly stored: ReadonlyMap<Key, readonly FileLine[]>;
  /** Why what is not found may be in it all the same. */
  readonly astray: string | undefined;
};

/** Finds the rows of each key in a file. */
export function storedByKey({ key, version }: TableSpec, { lines, problem }: FileContent): StoredByKey {
  const stored = new Map<Key, FileLine[]>();
  let astray = problem;
  for (const line of lines) {
    const of =
      line.problem === undefined ? (line.value as Readonly<Record<string, unknown>>)[key] : undefined;
    if (typeof of !== "string" && typeof of !== "number")
      astray ??= `line ${line.line} ${line.problem ?? `has no string or number as "${key}"`}, so that it may be the row that is missing`;
    // without versions the last line of a key is its row
    else if (version === undefined) stored.set(of, [line]);
    else appendTo(stored, of, line);
  }
  return { stored, astray };
}
