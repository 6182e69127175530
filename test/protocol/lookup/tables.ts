import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { FileContent } from "../../../shared/operators/lookup/file-format.ts";
import type { TableSpec } from "../../../shared/operators/lookup/spec.ts";
import type { Lookups, StoredRows } from "../../../shared/protocol/ports.ts";
import { type EpochMs, milliseconds } from "../../../shared/time/time.ts";

type Validate = StandardSchemaV1<unknown, unknown>["~standard"]["validate"];

/** A schema that does what the function does. */
export const schemaOf = (validate: Validate): StandardSchemaV1<unknown, unknown> => ({
  "~standard": { version: 1, vendor: "test", validate },
});

/** A table by `k` that takes every row and refreshes it after a second; whatever else a test says. */
export const tableOf = (said: Partial<TableSpec> = {}): TableSpec => ({
  kind: "lookup-table",
  store: "dynamodb",
  name: "rows",
  format: undefined,
  schema: schemaOf((value) => ({ value })),
  key: "k",
  version: undefined,
  refresh: milliseconds(1_000),
  cacheChars: 1_000_000,
  ...said,
});

export const at = (ms: number): EpochMs => ms as EpochMs;

/** Values as the lines of a file; what is no object is none. */
export const linesOf = (values: readonly unknown[]): FileContent => ({
  lines: values.map((value, i) => ({
    line: i + 1,
    value,
    ...(typeof value === "object" && value !== null ? {} : { problem: "is no JSON object" }),
  })),
});

/** Tables outside, in memory, which a test changes as others would; and every call. */
export type Outside = Lookups & {
  /** By table: of a file the lines, of a table its rows; an error that every call gets; the keys that it refuses. */
  readonly tables: Map<string, readonly unknown[] | Error>;
  readonly refused: Set<unknown>;
  readonly calls: unknown[];
};

export function outside(tables: Readonly<Record<string, readonly unknown[] | Error>>): Outside {
  const kept = new Map(Object.entries(tables));
  const refused = new Set<unknown>();
  const calls: unknown[] = [];
  const rowsOf = (name: string): readonly unknown[] => {
    const rows = kept.get(name);
    if (rows instanceof Error) throw rows;
    return rows ?? [];
  };
  return {
    tables: kept,
    refused,
    calls,
    rows: async ({ name, key }, wants) => {
      calls.push([name, wants.map((want) => [want.key, want.since])]);
      const rows = rowsOf(name);
      return wants.map(
        (want): StoredRows =>
          refused.has(want.key)
            ? { refused: "an odd key" }
            : { rows: rows.filter((row) => (row as Record<string, unknown>)[key] === want.key) },
      );
    },
    file: async ({ name }, etag) => {
      calls.push([name, etag]);
      const lines = rowsOf(name);
      const now = JSON.stringify(lines);
      return etag === now ? undefined : { etag: now, ...linesOf(lines) };
    },
  };
}
