import type { EpochMs } from "../../../shared/time/time.ts";

/** Inputs and outputs of S3 as its API names them; a body is Uint8Array, a timestamp EpochMs. */

export type ObjectRef = { readonly Bucket: string; readonly Key: string };

export type ObjectHeaders = {
  readonly ContentType?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly CacheControl?: string | undefined;
  /** User metadata, names in lower case without `x-amz-meta-`. */
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
};

export type PutConditions = {
  /** Only `*` is allowed: put only if nothing is there, else 412 PreconditionFailed. */
  readonly IfNoneMatch?: string | undefined;
  /** Put only over an object with this ETag, else 412 PreconditionFailed. */
  readonly IfMatch?: string | undefined;
};

export type PutObjectInput = ObjectRef & ObjectHeaders & PutConditions & { readonly Body: Uint8Array };
export type PutObjectOutput = { readonly ETag: string };

export type GetObjectInput = ObjectRef & {
  /** One byte range, e.g. `bytes=0-99` or `bytes=-8`. */
  readonly Range?: string | undefined;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
};
export type HeadObjectOutput = ObjectHeaders & {
  readonly ContentLength: number;
  /** Quoted MD5 of the body. */
  readonly ETag: string;
  readonly LastModified: EpochMs;
  /** Present where a range was asked for. */
  readonly ContentRange?: string;
};
export type GetObjectOutput = HeadObjectOutput & { readonly Body: Uint8Array };

export type DeleteObjectsInput = {
  readonly Bucket: string;
  readonly Delete: {
    readonly Objects: readonly { readonly Key: string }[];
    readonly Quiet?: boolean | undefined;
  };
};
export type DeleteObjectsOutput = {
  readonly Deleted: readonly { readonly Key: string }[];
  readonly Errors: readonly { readonly Key: string; readonly Code: string; readonly Message: string }[];
};

export type ListObjectsV2Input = {
  readonly Bucket: string;
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly StartAfter?: string | undefined;
  readonly ContinuationToken?: string | undefined;
  /** @default 1000 */
  readonly MaxKeys?: number | undefined;
};
export type ListedObject = {
  readonly Key: string;
  readonly Size: number;
  readonly ETag: string;
  readonly LastModified: EpochMs;
};
export type ListObjectsV2Output = {
  readonly Name: string;
  readonly Prefix: string;
  readonly MaxKeys: number;
  readonly KeyCount: number;
  readonly IsTruncated: boolean;
  readonly Contents: readonly ListedObject[];
  readonly CommonPrefixes: readonly { readonly Prefix: string }[];
  readonly NextContinuationToken?: string;
};

export type CreateMultipartUploadInput = ObjectRef & ObjectHeaders;
export type UploadRef = ObjectRef & { readonly UploadId: string };
export type UploadPartInput = UploadRef & { readonly PartNumber: number; readonly Body: Uint8Array };
export type CompletedPart = { readonly PartNumber: number; readonly ETag: string };
export type CompleteMultipartUploadInput = UploadRef &
  PutConditions & { readonly MultipartUpload: { readonly Parts: readonly CompletedPart[] } };
