import { ACCOUNT_ID } from "../../models/arn.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";
import { placeOf } from "./role.ts";

/** AWS::IAM::ManagedPolicy: statements for the roles that it names, and for those that name it. */
export const managedPolicy: ResourceKind = {
  identity: ["ManagedPolicyName"],
  create: (request) => {
    const arn = arnOfPolicy(request);
    put(request);
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
  remove: ({ services }, { ref }) => services.iam.policies.removeManaged(ref),
  properties: {
    ...replacement("Description", "ManagedPolicyName", "Path"),
    ...inPlace(put, "PolicyDocument", "Roles"),
    ...withoutEffect("Groups", "Users"),
  },
};

function arnOfPolicy({ properties, name }: Request): string {
  const path = properties.optionalText("Path") ?? "/";
  return `arn:aws:iam::${ACCOUNT_ID}:policy${path}${properties.optionalText("ManagedPolicyName") ?? name}`;
}

function put(request: Request): void {
  const { properties, services } = request;
  const document = properties.record("PolicyDocument");
  services.iam.policies.putManaged(arnOfPolicy(request), {
    statements: services.iam.readPolicy(document, "identity", `${placeOf(request)}.PolicyDocument`),
    roleNames: properties.list("Roles").map(String),
  });
}
