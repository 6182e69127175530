import type { IncomingMessage } from "node:http";
import type { Callers } from "../iam/caller.ts";
import type { Iam } from "../iam/iam.ts";
import { ACCOUNT_ID } from "../models/arn.ts";
import { type GatewayAnswer, MISSING_TOKEN } from "./gateway-answers.ts";

/** What the event says about who signed the request. */
export type CallerIdentity = {
  readonly accountId: string;
  readonly caller: string;
  readonly user: string;
  readonly userArn: string;
};

type Authorization = { readonly identity: CallerIdentity } | { readonly refused: GatewayAnswer };

/** Judges a request to a method with IAM authorization. */
export type Authorize = (request: IncomingMessage, methodArn: string) => Authorization;

const PARAMETERS = ["Credential", "SignedHeaders", "Signature"] as const;

/**
 * IAM authorization: a request is signed with Signature Version 4, by somebody who may `execute-api:Invoke`. Who
 * signed is believed, the signature is not calculated again
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html).
 */
export const iamAuthorization =
  (callers: Callers, iam: Iam): Authorize =>
  (request, methodArn) => {
    const refused = formRefusal(request);
    if (refused !== undefined) return { refused };
    const caller = callers.callerOf(request);
    if (caller.kind === "invalid") return { refused: INVALID_TOKEN };
    if (caller.kind === "administrator") return { identity: ADMINISTRATOR };
    const { principal } = caller;
    if (principal.kind !== "role") return { refused: MISSING_TOKEN };
    const denied = iam.refusalOf(principal, [{ action: "execute-api:Invoke", resource: methodArn }]);
    if (denied !== undefined) return { refused: refusal("AccessDeniedException", denied.message) };
    const user = `${principal.roleId}:${principal.sessionName}`;
    return { identity: { accountId: ACCOUNT_ID, caller: user, user, userArn: principal.session } };
  };

const refusal = (type: string, message: string): GatewayAnswer => ({ status: 403, type, message });

const INVALID_TOKEN = refusal(
  "UnrecognizedClientException",
  "The security token included in the request is invalid.",
);

const ADMINISTRATOR: CallerIdentity = {
  accountId: ACCOUNT_ID,
  caller: ACCOUNT_ID,
  user: ACCOUNT_ID,
  userArn: `arn:aws:iam::${ACCOUNT_ID}:root`,
};

/** Why a request is not signed as one must be; undefined where it is. */
function formRefusal({ headers, url = "" }: IncomingMessage): GatewayAnswer | undefined {
  const { authorization } = headers;
  if (authorization === undefined) return url.includes("X-Amz-Signature=") ? undefined : MISSING_TOKEN;
  if (!authorization.includes("="))
    return refusal(
      "IncompleteSignatureException",
      `Invalid key=value pair (missing equal-sign) in Authorization header: '${authorization}'.`,
    );
  const missing = PARAMETERS.filter((name) => !authorization.includes(`${name}=`)).map(
    (name) => `Authorization header requires '${name}' parameter.`,
  );
  if (headers["x-amz-date"] === undefined && headers.date === undefined)
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  if (missing.length === 0) return undefined;
  return refusal("IncompleteSignatureException", `${missing.join(" ")} Authorization=${authorization}`);
}
