import type { Ask } from "../iam.ts";

/** What the rights of a call depend on beside its input. */
export type CallContext = {
  /** The name of the partition key of a table or index; undefined where there is none. */
  readonly hashKey: (tableName: string, indexName: string | undefined) => string | undefined;
};

/**
 * What each operation of a service asks of its caller, by the operation's name. Inputs are as they were sent and not
 * yet checked: what is missing makes an ARN that no policy allows.
 */
export type ServiceCalls = Readonly<Record<string, (input: never, context: CallContext) => readonly Ask[]>>;

/** Condition keys from names in lower case to what a call has; what is undefined it does not have. */
export const keysFrom =
  (values: Readonly<Record<string, (() => readonly string[] | undefined) | string | undefined>>) =>
  (key: string): readonly string[] | undefined => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    return typeof value === "string" ? [value] : value?.();
  };
