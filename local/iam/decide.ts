import { ACCOUNT_ID } from "../models/arn.ts";
import { arityOf, type Keys } from "./condition-keys.ts";
import type { Variables } from "./pattern.ts";
import type { Statement } from "./policy.ts";
import type { Principal } from "./principal.ts";
import type { PrincipalPattern } from "./principal-pattern.ts";

/** What somebody wants to do. */
export type AccessRequest = {
  readonly principal: Principal;
  /** As `kinesis:PutRecords`. */
  readonly action: string;
  /** An ARN; `*` for an action on no resource in particular. */
  readonly resource: string;
  readonly keys: Keys;
};

export type Decision =
  | { readonly allowed: true; readonly by: Statement }
  | {
      readonly allowed: false;
      /** The statement that denies it; undefined where none allows it. */
      readonly by: Statement | undefined;
      readonly policy: "identity-based" | "resource-based";
    };

/**
 * Decides a request within one account: a deny in any policy wins; then one allow is enough, be it in the role's
 * policies or in the resource's; then it is denied.
 * @param identity - statements of the role's policies
 * @param resource - statements of the policies of what is asked for
 *
 * Source: "Policy evaluation for requests within a single account", IAM User Guide. Organizations, boundaries and
 * session policies are not modelled.
 */
export function decide(
  request: AccessRequest,
  identity: readonly Statement[],
  resource: readonly Statement[],
): Decision {
  const variables = variablesOf(request.keys);
  const applies = (statement: Statement) => appliesTo(statement, request, variables);
  const deniedByRole = identity.find((statement) => statement.effect === "Deny" && applies(statement));
  if (deniedByRole !== undefined) return { allowed: false, by: deniedByRole, policy: "identity-based" };
  const deniedByResource = resource.find((statement) => statement.effect === "Deny" && applies(statement));
  if (deniedByResource !== undefined)
    return { allowed: false, by: deniedByResource, policy: "resource-based" };
  const allowing =
    identity.find((statement) => statement.effect === "Allow" && applies(statement)) ??
    resource.find((statement) => statement.effect === "Allow" && applies(statement));
  if (allowing !== undefined) return { allowed: true, by: allowing };
  return {
    allowed: false,
    by: undefined,
    policy: request.principal.kind === "role" ? "identity-based" : "resource-based",
  };
}

const appliesTo = (statement: Statement, request: AccessRequest, variables: Variables): boolean =>
  statement.coversAction(request.action) &&
  statement.coversResource(request.resource, variables) &&
  concerns(statement, request.principal) &&
  statement.conditions.every((condition) => condition.holds(request.keys, variables));

const concerns = ({ principals, effect }: Statement, principal: Principal): boolean =>
  principals === undefined || principals.some((pattern) => names(pattern, principal, effect));

function names(pattern: PrincipalPattern, principal: Principal, effect: Statement["effect"]): boolean {
  switch (pattern.kind) {
    case "everyone":
      return true;
    case "service":
      return principal.kind === "service" && principal.name === pattern.name;
    case "arn":
      return (
        principal.kind === "role" && (pattern.arn === principal.arn || pattern.arn === principal.session)
      );
    case "account":
      // an allow for the account leaves it to the account's own policies whom it lets in
      return principal.kind === "role" && pattern.id === ACCOUNT_ID && effect === "Deny";
  }
}

/** Condition keys as policy variables: those that have one value. */
const variablesOf =
  (keys: Keys): Variables =>
  (key) =>
    arityOf(key) === "one" ? keys(key)?.[0] : undefined;
