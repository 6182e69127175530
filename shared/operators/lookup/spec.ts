import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { EventInfo, Key } from "../../events/event.ts";
import type { DurationMs, EpochMs } from "../../time/time.ts";
import type { FileFormat } from "./file-format.ts";

/** A table outside, as it is declared. Where it is, the deployment says. */
export type TableSpec = {
  readonly kind: "lookup-table";
  readonly store: "dynamodb" | "s3";
  readonly name: string;
  /** How a file has its rows; undefined for a table in DynamoDB. */
  readonly format: FileFormat | undefined;
  /** What a row must be. */
  readonly schema: StandardSchemaV1<unknown, unknown>;
  /** The field by which rows are found. */
  readonly key: string;
  /** The field that says from when on a row holds; undefined where a key has one row. */
  readonly version: string | undefined;
  /** How long a row, or that there is none, is taken from memory. */
  readonly refresh: DurationMs;
  /** Characters of rows that an environment keeps in memory. */
  readonly cacheChars: number;
};

export type LookupType = "inner" | "left";

/** A number of epoch milliseconds, or RFC 3339. */
export type TimeLike = EpochMs | number | string;

export type LookupSpec = {
  readonly table: TableSpec;
  /** A field, or a function. Nothing (undefined, null) finds nothing. */
  readonly by: string | ((value: unknown, info: EventInfo) => Key | null | undefined);
  /** The field of the result that takes the row. */
  readonly as: string;
  readonly type: LookupType;
  /** The time whose version is looked up. @default the event's */
  readonly asOf: string | ((value: unknown, info: EventInfo) => TimeLike) | undefined;
};
