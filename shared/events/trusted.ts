import type { StandardSchemaV1 } from "@standard-schema/spec";

const VENDOR = "millrace/trusted";

/**
 * The schema of a stream whose producers are known to be right: every JSON value is taken for a `T`, unseen. Where a
 * pipeline `select`s some fields of it, JSON lines are decoded no further than that. Any other schema is given each
 * line whole.
 */
export const trusted = <T>(): StandardSchemaV1<unknown, T> => ({
  "~standard": { version: 1, vendor: VENDOR, validate: (value) => ({ value: value as T }) },
});

/** Whether a schema looks at nothing. */
export const isTrusted = (schema: StandardSchemaV1): boolean => schema["~standard"].vendor === VENDOR;
