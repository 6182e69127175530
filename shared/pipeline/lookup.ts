import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { EventInfo, Key } from "../events/event.ts";
import type { FieldOf } from "../events/stream.ts";
import type { FileFormat } from "../operators/lookup/file-format.ts";
import { JSON_LINES } from "../operators/lookup/json-lines.ts";
import type { LookupType, TableSpec, TimeLike } from "../operators/lookup/spec.ts";
import { type DurationMs, minutes } from "../time/time.ts";
import type { OperatorOptions } from "./flow.ts";

declare const rowType: unique symbol;

/** A table outside, which others write and pipelines look up. `R` is the type of its rows. */
export type LookupTable<Name extends string, R> = TableSpec & {
  readonly name: Name;
  readonly [rowType]?: R;
};

type LookupTableOptions<S extends StandardSchemaV1> = {
  /** Any Standard Schema validator: what a row must be. What it returns is what events are given. */
  readonly schema: S;
  /** The field by which rows are found, a string or a number. In DynamoDB it is the table's partition key. */
  readonly key: FieldOf<StandardSchemaV1.InferInput<S>, Key>;
  /**
   * The field that says from when on a row holds: a key then has a row for each version, and an event gets the one that
   * held at its time. In DynamoDB it is the table's sort key, a number of epoch milliseconds; in a file also RFC 3339.
   * @default a key has one row
   */
  readonly version?: FieldOf<StandardSchemaV1.InferInput<S>, Key>;
  /** How long what was read, a missing row too, is taken from memory, by the machine's clock. @default 5 minutes */
  readonly refresh?: DurationMs;
  /** Characters of rows that each environment of a stage keeps in memory, as JSON. @default 16 Mi */
  readonly cacheChars?: number;
};

const REFRESH: DurationMs = minutes(5);
const CACHE_CHARS = 16 * 1024 * 1024;

/** Declares a table in DynamoDB, to be looked up. The deployment says which it is (`lookups` of the stack). */
export const dynamoTable = <const Name extends string, S extends StandardSchemaV1>(
  name: Name,
  options: LookupTableOptions<S>,
): LookupTable<Name, StandardSchemaV1.InferOutput<S>> => tableSpec("dynamodb", name, options, undefined);

type FileOptions<S extends StandardSchemaV1> = Omit<LookupTableOptions<S>, "cacheChars"> & {
  /** `csv()` of `millrace/csv` for comma-separated values. @default JSON lines */
  readonly format?: FileFormat;
};

/**
 * Declares a file in S3, to be looked up: JSON lines, or CSV; gzipped or not, 64 MB at most when unpacked. It is read as
 * a whole, and again where it has changed; of several lines with one key and version the last counts. The deployment
 * says where it is (`lookups` of the stack).
 */
export const s3File = <const Name extends string, S extends StandardSchemaV1>(
  name: Name,
  { format = JSON_LINES, ...options }: FileOptions<S>,
): LookupTable<Name, StandardSchemaV1.InferOutput<S>> => tableSpec("s3", name, options, format);

const tableSpec = <Name extends string, S extends StandardSchemaV1>(
  store: TableSpec["store"],
  name: Name,
  { schema, key, version, refresh = REFRESH, cacheChars = CACHE_CHARS }: LookupTableOptions<S>,
  format: FileFormat | undefined,
): LookupTable<Name, never> => ({
  kind: "lookup-table",
  store,
  name,
  format,
  schema: schema as TableSpec["schema"],
  key,
  version,
  refresh,
  cacheChars,
});

export type LookupOptions<T> = OperatorOptions & {
  /** The key to look up: a field, or a function. Where it is undefined or null, no row is found. */
  readonly key: FieldOf<T, Key | null | undefined> | ((value: T, info: EventInfo) => Key | null | undefined);
  /** The field of the result that takes the row. @default the table's name */
  readonly as?: string;
  /** `left`: also events without a row, with null. `inner` drops and counts them. @default "inner" */
  readonly type?: LookupType;
  /** The time whose version is looked up, in a table with versions: a field, or a function. @default the event's time */
  readonly asOf?: FieldOf<T, TimeLike> | ((value: T, info: EventInfo) => TimeLike);
};

type FieldFor<Name, O> = O extends { readonly as: infer As extends string } ? As : Name;

/** An event with the row that was found for it. */
export type Enriched<T, Name extends string, R, O> = Omit<T, FieldFor<Name, O> & string> & {
  readonly [F in FieldFor<Name, O> & string]: O extends { readonly type: "left" } ? R | null : R;
};
