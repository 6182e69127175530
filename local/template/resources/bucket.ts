import { parseTime } from "../../../shared/time/clock.ts";
import { REGION } from "../../models/arn.ts";
import type { LifecycleRule } from "../../models/s3/lifecycle.ts";
import type { Properties } from "../properties.ts";
import type { ResourceKind } from "../resource-kind.ts";

/** AWS::S3::Bucket */
export const bucket: ResourceKind = ({ properties, name, services: { s3 } }) => {
  const Bucket = properties.optionalText("BucketName") ?? name.toLowerCase();
  s3.createBucket({ Bucket });
  // rules about older versions of objects alone are left out: no bucket keeps any here
  const Rules = properties
    .object("LifecycleConfiguration")
    .objects("Rules")
    .map(lifecycleRule)
    .filter((rule) => rule.Expiration !== undefined || rule.AbortIncompleteMultipartUpload !== undefined);
  if (Rules.length > 0) s3.putBucketLifecycleConfiguration({ Bucket, Rules });
  return {
    ref: Bucket,
    attributes: {
      Arn: `arn:aws:s3:::${Bucket}`,
      DomainName: `${Bucket}.s3.amazonaws.com`,
      RegionalDomainName: `${Bucket}.s3.${REGION}.amazonaws.com`,
    },
  };
};

function lifecycleRule(rule: Properties): LifecycleRule {
  for (const name of ["Transition", "Transitions"])
    if (rule.has(name))
      rule.unsupported(name, "moves objects between storage classes, which are all one here");
  if (rule.has("TagFilters"))
    rule.unsupported("TagFilters", "goes by objects' tags, which are not kept here");
  const days = rule.optionalNumber("ExpirationInDays");
  const date = parseTime(rule.optionalText("ExpirationDate"));
  const abort = rule.object("AbortIncompleteMultipartUpload").optionalNumber("DaysAfterInitiation");
  return {
    ID: rule.optionalText("Id"),
    Status: rule.text("Status") === "Enabled" ? "Enabled" : "Disabled",
    Filter: {
      Prefix: rule.optionalText("Prefix"),
      ObjectSizeGreaterThan: rule.optionalNumber("ObjectSizeGreaterThan"),
      ObjectSizeLessThan: rule.optionalNumber("ObjectSizeLessThan"),
    },
    Expiration: days === undefined && date === undefined ? undefined : { Days: days, Date: date },
    AbortIncompleteMultipartUpload: abort === undefined ? undefined : { DaysAfterInitiation: abort },
  };
}
