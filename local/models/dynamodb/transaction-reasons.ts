import { ServiceError } from "../service-error.ts";
import type { Item } from "./attribute-value.ts";
import type { CancellationReason } from "./dynamodb-api.ts";
import type { AskedWrite } from "./transaction-member.ts";

/** The reasons of errors that one item of a transaction may have, by their codes. */
const CODES: Readonly<Record<string, string>> = {
  ValidationException: "ValidationError",
  ThrottlingException: "ThrottlingError",
  ProvisionedThroughputExceededException: "ProvisionedThroughputExceeded",
};

export const NO_REASON: CancellationReason = { Code: "None" };

export const conflict: CancellationReason = {
  Code: "TransactionConflict",
  Message: "Transaction is ongoing for the item",
};

export const isNone = ({ Code }: CancellationReason): boolean => Code === NO_REASON.Code;

/** What was worked out for one item, or the error that kept it from being worked out. */
export type Attempt<T> =
  | { readonly done: T; readonly refusal?: never }
  | { readonly done?: never; readonly refusal: ServiceError };

/** In a transaction an item's error is its reason, and not the call's error. */
export function attempt<T>(run: () => T): Attempt<T> {
  try {
    return { done: run() };
  } catch (error) {
    if (error instanceof ServiceError) return { refusal: error };
    throw error;
  }
}

export const reasonOf = ({ code, message }: ServiceError): CancellationReason => ({
  Code: CODES[code] ?? code,
  Message: message,
});

/** The reason of an item whose condition did not hold, with the item where that was asked for. */
export const conditionReason = (
  old: Item | undefined,
  asked: AskedWrite | undefined,
): CancellationReason => ({
  Code: "ConditionalCheckFailed",
  Message: "The conditional request failed",
  ...(asked?.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && old !== undefined && { Item: old }),
});

export const cancelled = (reasons: readonly CancellationReason[]): ServiceError =>
  new ServiceError(
    "TransactionCanceledException",
    "Transaction cancelled, please refer cancellation reasons for specific reasons " +
      `[${reasons.map(({ Code }) => Code).join(", ")}]`,
    400,
    { CancellationReasons: reasons },
  );
