import { parseTime } from "../../../shared/time/clock.ts";
import { REGION } from "../../models/arn.ts";
import type { LifecycleRule } from "../../models/s3/lifecycle.ts";
import type { Properties } from "../properties.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";

/** Who would be told of an object would wait for ever. */
function refuseNotifications({ properties }: Request): void {
  if (Object.keys(properties.record("NotificationConfiguration")).length > 0)
    properties.unsupported(
      "NotificationConfiguration",
      "is not modelled locally: nobody is told of an object",
    );
}

/** Rules about older versions of objects alone are left out: no bucket keeps any here. */
function setLifecycle({ properties, services: { s3 } }: Request, Bucket: string): void {
  const Rules = properties
    .object("LifecycleConfiguration")
    .objects("Rules")
    .map(lifecycleRule)
    .filter((rule) => rule.Expiration !== undefined || rule.AbortIncompleteMultipartUpload !== undefined);
  s3.putBucketLifecycleConfiguration({ Bucket, Rules });
}

/** AWS::S3::Bucket */
export const bucket: ResourceKind = {
  identity: ["BucketName"],
  create: (request) => {
    refuseNotifications(request);
    const Bucket = request.properties.optionalText("BucketName") ?? request.name.toLowerCase();
    request.services.s3.createBucket({ Bucket });
    setLifecycle(request, Bucket);
    return {
      ref: Bucket,
      attributes: {
        Arn: `arn:aws:s3:::${Bucket}`,
        DomainName: `${Bucket}.s3.amazonaws.com`,
        RegionalDomainName: `${Bucket}.s3.${REGION}.amazonaws.com`,
      },
    };
  },
  remove: ({ services }, { ref }) => services.s3.deleteBucket({ Bucket: ref }),
  properties: {
    ...replacement("BucketName", "BucketNamePrefix", "BucketNamespace", "ObjectLockEnabled"),
    ...inPlace(refuseNotifications, "NotificationConfiguration"),
    ...inPlace((request, { ref }) => setLifecycle(request, ref), "LifecycleConfiguration"),
    ...withoutEffect(
      "AbacStatus",
      "AccelerateConfiguration",
      "AccessControl",
      "AnalyticsConfigurations",
      "BucketEncryption",
      "CorsConfiguration",
      "IntelligentTieringConfigurations",
      "InventoryConfigurations",
      "LoggingConfiguration",
      "MetadataConfiguration",
      "MetadataTableConfiguration",
      "MetricsConfigurations",
      "ObjectLockConfiguration",
      "OwnershipControls",
      "PublicAccessBlockConfiguration",
      "ReplicationConfiguration",
      "Tags",
      "VersioningConfiguration",
      "WebsiteConfiguration",
    ),
  },
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
