import { inPlace, type Request, type ResourceKind, replacement } from "../resource-kind.ts";
import { placeOf } from "./role.ts";

/** AWS::S3::BucketPolicy: who may do what with a bucket and its objects. */
export const bucketPolicy: ResourceKind = {
  identity: ["Bucket"],
  create: (request) => {
    put(request);
    return { ref: request.properties.text("Bucket"), attributes: {} };
  },
  remove: ({ name, services }) => services.iam.policies.removeOfResources(name),
  properties: { ...replacement("Bucket"), ...inPlace(put, "PolicyDocument") },
};

function put(request: Request): void {
  const { properties, name, services } = request;
  const document = properties.record("PolicyDocument");
  const statements = services.iam.readPolicy(document, "resource", `${placeOf(request)}.PolicyDocument`);
  services.iam.policies.putOfResource(`arn:aws:s3:::${properties.text("Bucket")}`, name, statements);
}
