import { isoOf } from "../../shared/time/clock.ts";
import { REGION } from "../models/arn.ts";
import { checkBody } from "../models/s3/checksums.ts";
import { ServiceError } from "../models/service-error.ts";
import { xmlAnswer } from "./s3-answer.ts";
import { lifecycleElements, lifecycleRules } from "./s3-lifecycle.ts";
import { listAnswer, listUploadsAnswer, OWNER } from "./s3-listings.ts";
import { deleteAnswer } from "./s3-objects.ts";
import type { S3Operations } from "./s3-operation.ts";
import { claimsOf, numberIn, type S3Request } from "./s3-request.ts";
import { childOf, parseXml } from "./xml.ts";

/** Operations on S3 itself. */
export const serviceOperations: S3Operations = {
  GET: (s3, { headers, query }) => {
    if (headers.authorization === undefined && !query.has("X-Amz-Signature"))
      throw new ServiceError("AccessDenied", "Access Denied: nothing is served at this path", 403);
    const prefix = query.get("prefix") ?? undefined;
    const { Buckets, ContinuationToken } = s3.listBuckets({
      Prefix: prefix,
      MaxBuckets: numberIn(query, "max-buckets"),
      ContinuationToken: query.get("continuation-token") ?? undefined,
    });
    return xmlAnswer("ListAllMyBucketsResult", {
      Owner: OWNER,
      Buckets: {
        Bucket: Buckets.map((bucket) => ({
          ...bucket,
          CreationDate: isoOf(bucket.CreationDate),
          BucketRegion: REGION,
        })),
      },
      ContinuationToken,
      Prefix: prefix,
    });
  },
};

/** Operations on a bucket. */
export const bucketOperations: S3Operations = {
  PUT: (s3, request) => {
    checkLocation(request);
    s3.createBucket({ Bucket: request.bucket });
    return { status: 200, headers: { location: `/${request.bucket}` } };
  },
  HEAD: (s3, { bucket: Bucket }) => {
    s3.headBucket({ Bucket });
    return { status: 200, headers: { "x-amz-bucket-region": REGION, "content-type": "application/xml" } };
  },
  DELETE: (s3, { bucket: Bucket }) => {
    s3.deleteBucket({ Bucket });
    return { status: 204 };
  },
  "GET location": (s3, { bucket: Bucket }) => {
    s3.headBucket({ Bucket });
    // for us-east-1 S3 names no region
    return xmlAnswer("LocationConstraint", "");
  },
  "GET list-type": listAnswer,
  "GET uploads": listUploadsAnswer,
  "POST delete": deleteAnswer,
  "PUT lifecycle": (s3, request) => {
    checkBody(request.body, claimsOf(request));
    const Rules = lifecycleRules(parseXml(Buffer.from(request.body).toString()));
    s3.putBucketLifecycleConfiguration({ Bucket: request.bucket, Rules });
    return { status: 200 };
  },
  "GET lifecycle": (s3, { bucket: Bucket }) => {
    const { Rules } = s3.getBucketLifecycleConfiguration({ Bucket });
    return xmlAnswer("LifecycleConfiguration", { Rule: Rules.map(lifecycleElements) });
  },
  "DELETE lifecycle": (s3, { bucket: Bucket }) => {
    s3.putBucketLifecycleConfiguration({ Bucket, Rules: [] });
    return { status: 204 };
  },
};

/** There is one region, and S3 does not let it be named. */
function checkLocation({ body }: S3Request): void {
  if (body.byteLength === 0) return;
  const location = childOf(parseXml(Buffer.from(body).toString()), "LocationConstraint")?.text ?? "";
  if (location === REGION)
    throw new ServiceError("InvalidLocationConstraint", "The specified location-constraint is not valid");
  if (location !== "")
    throw new ServiceError(
      "IllegalLocationConstraintException",
      `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
}
