import type { EpochMs } from "../../../shared/time/time.ts";
import type { Checksum, ChecksumAlgorithm, ClaimedChecksum } from "./checksums.ts";
import type { DueDate } from "./lifecycle.ts";

/**
 * Inputs and outputs of S3 as its API names them, but for these: a body is Uint8Array, a timestamp EpochMs, and the
 * members that differ by algorithm (ChecksumCRC32 …) are one, `Checksum`.
 */

export type BucketRef = { readonly Bucket: string };
export type ObjectRef = BucketRef & { readonly Key: string };

type ListedBucket = { readonly Name: string; readonly CreationDate: EpochMs };
export type ListBucketsInput = {
  readonly Prefix?: string | undefined;
  /** 1 to 10,000; all where it is left out. */
  readonly MaxBuckets?: number | undefined;
  readonly ContinuationToken?: string | undefined;
};
export type ListBucketsOutput = {
  readonly Buckets: readonly ListedBucket[];
  readonly ContinuationToken?: string;
};

/** What is stored beside an object and given back with it. */
export type ObjectHeaders = {
  readonly ContentType?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly CacheControl?: string | undefined;
  /** As it was sent: S3 does not read it. */
  readonly Expires?: string | undefined;
  /** @default "STANDARD" */
  readonly StorageClass?: string | undefined;
  /** @default "AES256" */
  readonly ServerSideEncryption?: string | undefined;
  /** User metadata, names in lower case without `x-amz-meta-`; 2 KB at most. */
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
};

/** What a client says of the bytes that it sends, so that they are refused where they arrive otherwise. */
export type BodyClaims = {
  readonly ContentMD5?: string | undefined;
  readonly Checksum?: ClaimedChecksum | undefined;
};

export type PutConditions = {
  /** Only `*` is allowed: put only if nothing is there, else 412 PreconditionFailed. */
  readonly IfNoneMatch?: string | undefined;
  /** Put only over an object with this ETag, else 412 PreconditionFailed; 404 where there is none. */
  readonly IfMatch?: string | undefined;
};

export type ReadConditions = {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: EpochMs | undefined;
  readonly IfUnmodifiedSince?: EpochMs | undefined;
};

export type PutObjectInput = ObjectRef &
  ObjectHeaders &
  BodyClaims &
  PutConditions & {
    readonly Body: Uint8Array;
    /** Makes and keeps a checksum of this kind where none is claimed. @default none */
    readonly ChecksumAlgorithm?: ChecksumAlgorithm | undefined;
  };
export type PutObjectOutput = {
  readonly ETag: string;
  readonly Checksum?: Checksum;
  readonly Expiration?: DueDate;
};

export type GetObjectInput = ObjectRef &
  ReadConditions & {
    /** One byte range, e.g. `bytes=0-99` or `bytes=-8`; not with PartNumber. */
    readonly Range?: string | undefined;
    /** Only this part of what was uploaded in parts; 1 is all of any other object. */
    readonly PartNumber?: number | undefined;
  };
export type HeadObjectOutput = ObjectHeaders & {
  readonly ContentLength: number;
  /** Quoted: the MD5 of the body, or of the parts' MD5s with their number. */
  readonly ETag: string;
  /** Whole seconds. */
  readonly LastModified: EpochMs;
  /** Present where a range or a part was asked for. */
  readonly ContentRange?: string;
  /** How many parts there are, where one was asked for. */
  readonly PartsCount?: number;
  /** Of the whole object; absent where only a range was asked for. */
  readonly Checksum?: Checksum;
  /** When a lifecycle rule will delete it, and the rule's id. */
  readonly Expiration?: DueDate;
};
export type GetObjectOutput = HeadObjectOutput & { readonly Body: Uint8Array };

export type CopySource = {
  readonly CopySource: ObjectRef;
  readonly CopySourceIf?: ReadConditions | undefined;
};
export type CopyObjectInput = ObjectRef &
  CopySource &
  ObjectHeaders &
  PutConditions & {
    /** Whether the headers and metadata are the source's or this call's. @default "COPY" */
    readonly MetadataDirective?: string | undefined;
    readonly ChecksumAlgorithm?: ChecksumAlgorithm | undefined;
  };
export type CopyObjectOutput = {
  readonly ETag: string;
  readonly LastModified: EpochMs;
  readonly Checksum?: Checksum;
};

export type DeleteObjectInput = ObjectRef & {
  /** Delete only an object with this ETag, or any (`*`), else 412 PreconditionFailed. */
  readonly IfMatch?: string | undefined;
};
export type DeleteObjectsInput = BucketRef & {
  readonly Delete: {
    readonly Objects: readonly { readonly Key: string; readonly ETag?: string | undefined }[];
    readonly Quiet?: boolean | undefined;
  };
};
export type DeleteObjectsOutput = {
  readonly Deleted: readonly { readonly Key: string }[];
  readonly Errors: readonly { readonly Key: string; readonly Code: string; readonly Message: string }[];
};

export type ListObjectsV2Input = BucketRef & {
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
  readonly StorageClass: string;
  readonly Checksum?: Checksum;
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
