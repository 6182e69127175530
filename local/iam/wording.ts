import { ServiceError } from "../models/service-error.ts";
import type { Refused } from "./iam.ts";
import type { Principal } from "./principal.ts";

/** How a service words what it refuses to a caller. */
export type Wording = {
  /** For want of a right. */
  readonly denied: (refused: Refused, principal: Principal) => ServiceError;
  /** For credentials that are nobody's. */
  readonly invalidToken: () => ServiceError;
  /** For a request without a signature; undefined where a resource's policy may let such a one in. */
  readonly unsigned: (() => ServiceError) | undefined;
};

const INVALID_TOKEN = "The security token included in the request is invalid.";
const UNSIGNED = "Missing Authentication Token";

const json = (status: number): Wording => ({
  denied: ({ message }) => new ServiceError("AccessDeniedException", message, status),
  invalidToken: () => new ServiceError("UnrecognizedClientException", INVALID_TOKEN, status),
  unsigned: () => new ServiceError("MissingAuthenticationTokenException", UNSIGNED, status),
});

/** Kinesis, DynamoDB, CloudWatch Logs. */
export const JSON_WORDING: Wording = json(400);
export const LAMBDA_WORDING: Wording = json(403);

/** CloudWatch calls its errors as its query protocol did. */
export const CLOUDWATCH_WORDING: Wording = {
  ...json(403),
  denied: ({ message }) => new ServiceError("AccessDenied", message, 403),
};

/** SQS writes the action in small letters, and calls its errors as its query protocol did. */
export const SQS_WORDING: Wording = {
  denied: ({ ask, message }) =>
    new ServiceError("AccessDenied", message.replaceAll(ask.action, ask.action.toLowerCase()), 403),
  invalidToken: () => new ServiceError("InvalidClientTokenId", INVALID_TOKEN, 403),
  unsigned: undefined,
};

/** S3 puts the resource between quotes, and tells a stranger nothing. */
export const S3_WORDING: Wording = {
  denied: ({ ask, message }, principal) =>
    new ServiceError(
      "AccessDenied",
      principal.kind === "anonymous"
        ? "Access Denied"
        : message.replace(`resource: ${ask.resource}`, () => `resource: "${ask.resource}"`),
      403,
    ),
  invalidToken: () =>
    new ServiceError(
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.",
      403,
    ),
  unsigned: undefined,
};
