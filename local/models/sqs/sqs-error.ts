import { ServiceError } from "../service-error.ts";

/** A parameter that cannot be, in SQS's words. */
export const invalidParameter = (name: string, value: unknown, reason: string): ServiceError =>
  new ServiceError(
    "InvalidParameterValue",
    `Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}`,
  );

/** Throws InvalidParameterValue where a number is given and is no integer of a span; both ends belong to it. */
export function checkSpan(name: string, value: number | undefined, least: number, most: number): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most))
    throw invalidParameter(name, value, `Must be >= ${least} and <= ${most}, if provided.`);
}
