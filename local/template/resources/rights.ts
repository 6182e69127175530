import type { Ask } from "../../iam/iam.ts";
import { sessionOf } from "../../iam/principal.ts";
import { nameInArn } from "../../models/arn.ts";
import type { Properties } from "../properties.ts";
import type { Services } from "../resource-kind.ts";

/**
 * The ARN of a role that a resource names, once it is known to be one that a service may assume; AWS refuses the
 * resource else.
 * @param sourceArn - the resource's own ARN
 * @throws MillraceError LOCAL_RESOURCE_UNSUPPORTED for a role of no template, LOCAL_ACCESS_DENIED
 */
export function assumableRole(
  properties: Properties,
  property: string,
  service: string,
  sourceArn: string,
  { iam }: Services,
): string {
  const arn = properties.text(property);
  if (!iam.enforced) return arn;
  if (iam.policies.roleOf(arn) === undefined)
    return properties.unsupported(property, `is ${arn}, which is no role of the templates`);
  if (iam.mayAssume(service, arn, sourceArn)) return arn;
  return properties.denied(property, `is ${arn}, whose trust policy does not let ${service} assume it`);
}

/**
 * Refuses a resource in whose name a service is to do what a role may not; AWS refuses it too, where the right is not
 * there by then.
 * @throws MillraceError LOCAL_ACCESS_DENIED with all that is missing
 */
export function requireRights(
  properties: Properties,
  property: string,
  roleArn: string | undefined,
  asks: readonly Ask[],
  { iam }: Services,
): void {
  const roleName = nameInArn(roleArn ?? "none");
  const principal = sessionOf(roleArn ?? roleName, "awslambda");
  const missing = asks.filter((ask) => iam.refusalOf(principal, [ask]) !== undefined);
  if (missing.length === 0) return;
  const list = missing.map(({ action, resource }) => `${action} on ${resource}`).join(", ");
  properties.denied(property, `asks for what the role "${roleName}" may not do: ${list}`);
}
