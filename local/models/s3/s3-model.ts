import type { Clock } from "../../../shared/time/clock.ts";
import type { ServiceFaults } from "../faults.ts";
import type * as api from "./s3-api.ts";

export type S3Options = { readonly clock: Clock; readonly faults?: ServiceFaults };

export declare class S3Model {
  constructor(options: S3Options);
  createBucket(input: { readonly Bucket: string }): void;
  deleteBucket(input: { readonly Bucket: string }): void;
  headBucket(input: { readonly Bucket: string }): void;
  listBuckets(): { readonly Buckets: readonly { readonly Name: string }[] };
  putObject(input: api.PutObjectInput): api.PutObjectOutput;
  getObject(input: api.GetObjectInput): api.GetObjectOutput;
  headObject(input: api.GetObjectInput): api.HeadObjectOutput;
  deleteObject(input: api.ObjectRef): void;
  deleteObjects(input: api.DeleteObjectsInput): api.DeleteObjectsOutput;
  listObjectsV2(input: api.ListObjectsV2Input): api.ListObjectsV2Output;
  createMultipartUpload(input: api.CreateMultipartUploadInput): api.UploadRef;
  uploadPart(input: api.UploadPartInput): { readonly ETag: string };
  completeMultipartUpload(input: api.CompleteMultipartUploadInput): api.ObjectRef & { readonly ETag: string };
  abortMultipartUpload(input: api.UploadRef): void;
}
