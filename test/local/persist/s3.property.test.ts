import { hash } from "node:crypto";
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { S3Model } from "../../../local/models/s3/s3-model.ts";
import {
  anySteps,
  type Call,
  changesOf,
  isChange,
  type Subject,
  told,
  toldWithRestarts,
} from "./restarts.ts";

const anyBucket = fc.record({ Bucket: fc.constantFrom("lake", "logs") });
const anyKey = fc.constantFrom("a", "a/b", "c/d/e", "ü");
const anyBody = fc.uint8Array({ maxLength: 30 });
const anyObject = fc.record({ Bucket: fc.constantFrom("lake", "logs"), Key: anyKey });
const algorithm = fc.option(fc.constantFrom("CRC32", "SHA256"), { nil: undefined });

/** The ids of uploads as the model makes them: the first ones of a bucket that was made at the very start. */
const anyUpload = fc
  .record({ object: anyObject, made: fc.integer({ min: 1, max: 3 }) })
  .map(({ object, made }) => ({
    ...object,
    UploadId: hash("sha256", `${object.Bucket}/${object.Key} 1356998400000 ${made}`, "base64url"),
  }));
const merged = <A extends object, B extends object>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>) =>
  fc.tuple(a, b).map(([left, right]) => ({ ...left, ...right }));

const PART = new Uint8Array([1, 2, 3]);
const PART_TAG = `"${hash("md5", PART, "hex")}"`;

const CALLS: Readonly<Record<string, fc.Arbitrary<object>>> = {
  createBucket: anyBucket,
  deleteBucket: anyBucket,
  putBucketLifecycleConfiguration: merged(
    anyBucket,
    fc.record({
      Rules: fc.constantFrom(
        [],
        [{ ID: "old", Status: "Enabled", Expiration: { Days: 1 } }],
        [{ ID: "left", Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
      ),
    }),
  ),
  putObject: merged(
    anyObject,
    fc.record({
      Body: anyBody,
      ContentType: fc.option(fc.constant("text/plain"), { nil: undefined }),
      Metadata: fc.option(fc.constant({ by: "me" }), { nil: undefined }),
      ChecksumAlgorithm: algorithm,
      IfNoneMatch: fc.option(fc.constant("*"), { nil: undefined }),
    }),
  ),
  copyObject: fc
    .tuple(anyObject, anyObject)
    .map(([to, { Bucket, Key }]) => ({ ...to, CopySource: { Bucket, Key } })),
  deleteObject: anyObject,
  deleteObjects: merged(
    anyBucket,
    fc.record({ Delete: fc.record({ Objects: fc.array(fc.record({ Key: anyKey }), { maxLength: 3 }) }) }),
  ),
  createMultipartUpload: merged(anyObject, fc.record({ ChecksumAlgorithm: algorithm })),
  uploadPart: merged(
    anyUpload,
    fc.record({ PartNumber: fc.integer({ min: 1, max: 3 }), Body: fc.constant(PART) }),
  ),
  uploadPartCopy: fc
    .tuple(anyUpload, anyObject)
    .map(([to, { Bucket, Key }]) => ({ ...to, PartNumber: 1, CopySource: { Bucket, Key } })),
  completeMultipartUpload: merged(
    anyUpload,
    fc.integer({ min: 1, max: 3 }).map((PartNumber) => ({
      MultipartUpload: { Parts: [{ PartNumber, ETag: PART_TAG }] },
    })),
  ),
  abortMultipartUpload: anyUpload,
  listObjectsV2: anyBucket,
  listMultipartUploads: anyBucket,
};

const anyCall = fc.oneof(
  ...Object.entries(CALLS).map(([call, input]) => ({
    weight: call === "putObject" || call.includes("ultipart") || call.startsWith("uploadPart") ? 3 : 1,
    arbitrary: input.map((value): Call => ({ call, input: value })),
  })),
);

const subject: Subject<S3Model> = {
  service: "s3",
  make: (options) => new S3Model(options),
  observe: (s3) => ({
    ...s3.listBuckets(),
    buckets: s3.listBuckets().Buckets.map(({ Name: Bucket }) => ({
      objects: s3.listObjectsV2({ Bucket }).Contents.map(({ Key }) => s3.getObject({ Bucket, Key })),
      uploads: s3
        .listMultipartUploads({ Bucket })
        .Uploads.map(({ Key, UploadId }) => [UploadId, s3.listParts({ Bucket, Key, UploadId })]),
    })),
  }),
};

test.prop([anySteps(anyCall)], { numRuns: 100 })(
  "buckets answer and hold the same, however often and however their process ends",
  async (steps) => {
    const create = ["lake", "logs"].map((Bucket) => ({ call: "createBucket", input: { Bucket } }));
    const all = [...create, ...steps];
    expect(await toldWithRestarts(subject, all)).toEqual(told(subject, all));
  },
  120_000,
);

test("every operation that changes a bucket is tried", () => {
  const model = subject.make({ clock: { now: () => 0 as never } });
  expect(changesOf(model, ["beginConditionalWrite"])).toEqual(Object.keys(CALLS).filter(isChange).sort());
});
