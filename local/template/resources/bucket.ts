import { REGION } from "../../models/arn.ts";
import type { ResourceKind } from "../resource-kind.ts";

/** AWS::S3::Bucket */
export const bucket: ResourceKind = ({ properties, name, services: { s3 } }) => {
  const Bucket = properties.optionalText("BucketName") ?? name.toLowerCase();
  s3.createBucket({ Bucket });
  return {
    ref: Bucket,
    attributes: {
      Arn: `arn:aws:s3:::${Bucket}`,
      DomainName: `${Bucket}.s3.amazonaws.com`,
      RegionalDomainName: `${Bucket}.s3.${REGION}.amazonaws.com`,
    },
  };
};
