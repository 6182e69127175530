import { arnOf } from "../../models/arn.ts";
import { inPlace, type Request, type ResourceKind } from "../resource-kind.ts";
import { placeOf } from "./role.ts";

/** AWS::SQS::QueuePolicy: who may do what with the queues that it names by their URLs. */
export const queuePolicy: ResourceKind = {
  create: (request) => {
    put(request);
    return { ref: request.name, attributes: { Id: request.name } };
  },
  remove: ({ name, services }) => services.iam.policies.removeOfResources(name),
  properties: inPlace(put, "PolicyDocument", "Queues"),
};

function put(request: Request): void {
  const { properties, name, services } = request;
  const { policies } = services.iam;
  const document = properties.record("PolicyDocument");
  const statements = services.iam.readPolicy(document, "resource", `${placeOf(request)}.PolicyDocument`);
  policies.removeOfResources(name);
  for (const url of properties.list("Queues"))
    policies.putOfResource(arnOf("sqs", String(url).split("/").at(-1) ?? ""), name, statements);
}
