import type { Properties } from "../properties.ts";
import { type ResourceKind, replacement } from "../resource-kind.ts";
import { placeOf } from "./role.ts";

const MODELLED = ["Action", "FunctionName", "Principal", "SourceAccount", "SourceArn"];
const NOT_MODELLED = ["EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "PrincipalOrgID"];

/** AWS::Lambda::Permission: one statement of a function's policy, which says who may invoke it. */
export const permission: ResourceKind = {
  create: (request) => {
    const { properties, name, services } = request;
    const { lambda, iam } = services;
    const { arn } = lambda.configOf(properties.text("FunctionName"));
    for (const property of iam.enforced ? NOT_MODELLED : [])
      if (properties.has(property)) properties.unsupported(property, "is not modelled locally");
    const document = { Version: "2012-10-17", Statement: statementOf(properties, arn) };
    iam.policies.putOfResource(arn, name, iam.readPolicy(document, "resource", placeOf(request)));
    return { ref: name, attributes: { Id: name } };
  },
  remove: ({ name, services }) => services.iam.policies.removeOfResources(name),
  properties: replacement(...MODELLED, ...NOT_MODELLED),
};

/** As Lambda writes it into the function's policy. */
function statementOf(properties: Properties, functionArn: string): object {
  const sourceArn = properties.optionalText("SourceArn");
  const sourceAccount = properties.optionalText("SourceAccount");
  return {
    Effect: "Allow",
    Principal: principalOf(properties.text("Principal")),
    Action: properties.text("Action"),
    Resource: functionArn,
    Condition: {
      ...(sourceArn !== undefined && { ArnLike: { "AWS:SourceArn": sourceArn } }),
      ...(sourceAccount !== undefined && { StringEquals: { "AWS:SourceAccount": sourceAccount } }),
    },
  };
}

/** A service's name, or an account or a role. */
function principalOf(principal: string): unknown {
  if (principal === "*") return principal;
  return principal.endsWith(".amazonaws.com") ? { Service: principal } : { AWS: principal };
}
