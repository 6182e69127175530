import { roleIdOf } from "../../iam/principal.ts";
import { ACCOUNT_ID } from "../../models/arn.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";

/** AWS::IAM::Role: who may assume it, its own policies, and managed ones of the templates or of AWS. */
export const role: ResourceKind = {
  identity: ["RoleName"],
  create: (request) => {
    const { arn, name } = namesOf(request);
    put(request);
    return { ref: name, attributes: { Arn: arn, RoleId: roleIdOf(arn) } };
  },
  remove: (request) => request.services.iam.policies.removeRole(namesOf(request).arn),
  properties: {
    ...replacement("Path", "RoleName"),
    ...inPlace(put, "AssumeRolePolicyDocument", "ManagedPolicyArns", "PermissionsBoundary", "Policies"),
    ...withoutEffect("Description", "MaxSessionDuration", "Tags"),
  },
};

/** Where a resource stands in its template, for messages about its policies. */
export const placeOf = ({ logicalId, type }: Request): string => `${logicalId} (${type})`;

function namesOf({ properties, name: physical }: Request): { readonly arn: string; readonly name: string } {
  const name = properties.optionalText("RoleName") ?? physical;
  const path = properties.optionalText("Path") ?? "/";
  return { name, arn: `arn:aws:iam::${ACCOUNT_ID}:role${path}${name}` };
}

function put(request: Request): void {
  const { properties, services } = request;
  const { iam } = services;
  if (iam.enforced && properties.has("PermissionsBoundary"))
    properties.unsupported("PermissionsBoundary", "is not modelled locally");
  const where = placeOf(request);
  const trust = properties.record("AssumeRolePolicyDocument");
  iam.policies.putRole({
    ...namesOf(request),
    trust: iam.readPolicy(trust, "trust", `${where}.AssumeRolePolicyDocument`),
    inline: properties.objects("Policies").flatMap((policy, index) => {
      const document = policy.record("PolicyDocument");
      return iam.readPolicy(document, "identity", `${where}.Policies[${index}].PolicyDocument`);
    }),
    managedPolicyArns: properties.list("ManagedPolicyArns").map((arn) => known(String(arn), request)),
  });
}

function known(arn: string, { properties, services: { iam } }: Request): string {
  if (!iam.enforced || iam.policies.hasManaged(arn)) return arn;
  return properties.unsupported("ManagedPolicyArns", `has ${arn}, whose statements are not known here`);
}
