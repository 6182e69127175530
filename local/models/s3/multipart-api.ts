import type { EpochMs } from "../../../shared/time/time.ts";
import type { Checksum, ChecksumAlgorithm, ChecksumType, ClaimedChecksum } from "./checksums.ts";
import type { DueDate } from "./lifecycle.ts";
import type { BodyClaims, BucketRef, CopySource, ObjectHeaders, ObjectRef, PutConditions } from "./s3-api.ts";

/** Inputs and outputs of S3's multipart uploads, in the form of s3-api.ts. */

export type CreateMultipartUploadInput = ObjectRef &
  ObjectHeaders & {
    readonly ChecksumAlgorithm?: ChecksumAlgorithm | undefined;
    /** @default "FULL_OBJECT" for CRC64NVME, "COMPOSITE" for others */
    readonly ChecksumType?: ChecksumType | undefined;
  };
export type UploadRef = ObjectRef & { readonly UploadId: string };
export type CreateMultipartUploadOutput = UploadRef & {
  readonly ChecksumAlgorithm?: ChecksumAlgorithm;
  readonly ChecksumType?: ChecksumType;
  /** When a lifecycle rule will abort it, and the rule's id. */
  readonly Abort?: DueDate;
};

export type UploadPartInput = UploadRef &
  BodyClaims & {
    /** 1 to 10,000. */
    readonly PartNumber: number;
    readonly Body: Uint8Array;
  };
export type UploadPartOutput = { readonly ETag: string; readonly Checksum?: Checksum };
export type UploadPartCopyInput = UploadRef &
  CopySource & {
    readonly PartNumber: number;
    /** `bytes=first-last`, both given. */
    readonly CopySourceRange?: string | undefined;
  };
export type UploadPartCopyOutput = UploadPartOutput & { readonly LastModified: EpochMs };

export type CompletedPart = {
  readonly PartNumber: number;
  readonly ETag: string;
  readonly Checksum?: ClaimedChecksum | undefined;
};
export type CompleteMultipartUploadInput = UploadRef &
  PutConditions & {
    readonly MultipartUpload: { readonly Parts: readonly CompletedPart[] };
    /** What the whole object's checksum must come out as. */
    readonly Checksum?: ClaimedChecksum | undefined;
    /** How many bytes the whole object must have. */
    readonly MpuObjectSize?: number | undefined;
  };
export type CompleteMultipartUploadOutput = ObjectRef & {
  readonly ETag: string;
  readonly Checksum?: Checksum;
};

export type ListPartsInput = UploadRef & {
  /** @default 1000 */
  readonly MaxParts?: number | undefined;
  readonly PartNumberMarker?: number | undefined;
};
type ListedPart = {
  readonly PartNumber: number;
  readonly Size: number;
  readonly ETag: string;
  readonly LastModified: EpochMs;
  readonly Checksum?: Checksum;
};
export type ListPartsOutput = UploadRef & {
  readonly PartNumberMarker: number;
  readonly NextPartNumberMarker?: number;
  readonly MaxParts: number;
  readonly IsTruncated: boolean;
  readonly StorageClass: string;
  readonly ChecksumAlgorithm?: ChecksumAlgorithm;
  readonly ChecksumType?: ChecksumType;
  readonly Parts: readonly ListedPart[];
};

export type ListMultipartUploadsInput = BucketRef & {
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly KeyMarker?: string | undefined;
  readonly UploadIdMarker?: string | undefined;
  /** @default 1000 */
  readonly MaxUploads?: number | undefined;
};
export type ListedUpload = {
  readonly Key: string;
  readonly UploadId: string;
  readonly Initiated: EpochMs;
  readonly StorageClass: string;
};
export type ListMultipartUploadsOutput = BucketRef & {
  readonly KeyMarker: string;
  readonly UploadIdMarker: string;
  readonly NextKeyMarker?: string;
  readonly NextUploadIdMarker?: string;
  readonly Prefix: string;
  readonly MaxUploads: number;
  readonly IsTruncated: boolean;
  readonly Uploads: readonly ListedUpload[];
  readonly CommonPrefixes: readonly { readonly Prefix: string }[];
};
