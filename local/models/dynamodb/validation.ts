import { ServiceError } from "../service-error.ts";

/** The error for a request that DynamoDB refuses before it looks at any item. */
export const validation = (message: string): ServiceError => new ServiceError("ValidationException", message);

/** A ValidationException about an expression, in DynamoDB's words. */
export const invalidExpression = (kind: string, why: string): ServiceError =>
  validation(`Invalid ${kind}: ${why}`);
