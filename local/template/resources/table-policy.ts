import { arnOf } from "../../models/arn.ts";
import type { Apply } from "../resource-kind.ts";
import { placeOf } from "./role.ts";

/** Gives a table the policy that is its own, or that of a global table's replica; none where the template has none. */
export const putTablePolicy: Apply = (request, { ref }) => {
  const { properties, name, services } = request;
  const { policies } = services.iam;
  policies.removeOfResources(name);
  for (const owner of [properties, ...properties.objects("Replicas")]) {
    const policy = owner.object("ResourcePolicy");
    if (!policy.has("PolicyDocument")) continue;
    const document = policy.record("PolicyDocument");
    const statements = services.iam.readPolicy(document, "resource", `${placeOf(request)}.ResourcePolicy`);
    policies.putOfResource(arnOf("dynamodb", `table/${ref}`), name, statements);
  }
};
