import type { ColumnType } from "../events/column.ts";
import type { Key } from "../events/event.ts";
import type { LakeSpec, ViewSpec } from "../operators/spec.ts";

declare const rowType: unique symbol;

/** Where results go. `T` is the type of row that it takes. */
export type Sink<T> = (ViewSpec | LakeSpec) & { readonly [rowType]?: (row: T) => void };

export type SinkOptions = {
  /**
   * Which of the outputs of a commit are published first: those of a higher priority, and the next ones once they are
   * acknowledged. It holds on the whole way to the sink, through every stage. -100 to 100 @default 0
   */
  readonly priority?: number;
};

/**
 * A view: the latest row per key and sort, in DynamoDB, served at `GET /v1/views/<name>`.
 * Exactly once: a row is written over an older version only.
 */
export function view<T>(
  name: string,
  options: {
    /** What a reader asks for. A row's own `key` costs no shuffle. */
    readonly key: (row: T) => Key;
    /** Orders the rows of a key; readers ask for ranges of it. @default one row per key */
    readonly sort?: (row: T) => Key;
  },
): Sink<T> {
  return {
    kind: "view",
    name,
    key: options.key as ViewSpec["key"],
    sort: (options.sort as ViewSpec["sort"] | undefined) ?? (() => 0),
  };
}

/**
 * A lake table: Parquet files in S3. Every row is appended exactly once. Nested objects become columns
 * `outer_inner`; numbers are doubles unless `columns` says otherwise.
 */
export function lake<T>(
  name: string,
  options: {
    /** Hive-style folders: `{ day: "2013-01-01" }` writes below `day=2013-01-01/`. @default one folder */
    readonly partitionBy?: (row: T) => Readonly<Record<string, string>>;
    /**
     * Names and types of the columns, in order; other fields are left out. A row with a value that does not fit
     * becomes a failed event. @default inferred from the rows of each file
     */
    readonly columns?: Readonly<Record<string, ColumnType>>;
  } = {},
): Sink<T> {
  return {
    kind: "lake",
    name,
    partitionBy: options.partitionBy as LakeSpec["partitionBy"],
    columns: options.columns,
  };
}
