import { inPlace, type Request, type ResourceKind, withoutEffect } from "../resource-kind.ts";
import { placeOf } from "./role.ts";

/** AWS::IAM::Policy: statements for the roles that it names. There are no users and groups here for whom they could be. */
export const policy: ResourceKind = {
  create: (request) => {
    attach(request);
    const { properties, name } = request;
    return { ref: properties.optionalText("PolicyName") ?? name, attributes: { Id: name } };
  },
  remove: ({ name, services }) => services.iam.policies.detach(name),
  properties: {
    ...inPlace(attach, "PolicyDocument", "Roles"),
    ...withoutEffect("Groups", "PolicyName", "Users"),
  },
};

function attach(request: Request): void {
  const { properties, name, services } = request;
  const document = properties.record("PolicyDocument");
  services.iam.policies.attach(name, {
    statements: services.iam.readPolicy(document, "identity", `${placeOf(request)}.PolicyDocument`),
    roleNames: properties.list("Roles").map(String),
  });
}
