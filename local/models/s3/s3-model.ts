import { hash } from "node:crypto";
import type { Clock } from "../../../shared/time/clock.ts";
import type { EpochMs } from "../../../shared/time/time.ts";
import { type ServiceFaults, underFaults } from "../faults.ts";
import { blocksBySize } from "../saved-blocks.ts";
import { ServiceError } from "../service-error.ts";
import { Bucket, type SavedBucket, type StoredObject } from "./bucket.ts";
import { parseCopyRange } from "./byte-range.ts";
import { checkBody, checksumOf } from "./checksums.ts";
import { assemble } from "./complete-upload.ts";
import { checkCopySource, checkPut, noSuchKey } from "./conditions.ts";
import { copyOf } from "./copy-object.ts";
import { deleteAll, deleteFrom } from "./delete-objects.ts";
import { Lifecycle, type LifecycleRule } from "./lifecycle.ts";
import { listBuckets } from "./list-buckets.ts";
import { listObjects } from "./list-objects.ts";
import { listParts, listUploads } from "./list-uploads.ts";
import type * as multipart from "./multipart-api.ts";
import { checkKey, storedHeaders } from "./object-headers.ts";
import type { PendingWrite } from "./pending-writes.ts";
import { readObject } from "./read-object.ts";
import type * as api from "./s3-api.ts";

export type S3Options = { readonly clock: Clock; readonly faults?: ServiceFaults };

type SavedPart =
  | { readonly kind: "bucket"; readonly bucket: SavedBucket }
  | {
      readonly kind: "objects";
      readonly bucket: string;
      readonly objects: readonly (readonly [key: string, object: StoredObject])[];
    };

/**
 * S3 in memory, in us-east-1, without versions: reads and listings see every write before them. Bodies handed in and
 * out are kept, not copied. Throws ServiceError with the codes of the API.
 */
export class S3Model {
  readonly #clock: Clock;
  readonly #faults: ServiceFaults | undefined;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: S3Options) {
    this.#clock = options.clock;
    this.#faults = options.faults;
  }

  /** Makes a bucket. One that is there already is no error: in us-east-1 S3 answers as if it had made it. */
  createBucket(input: api.BucketRef): void {
    this.#run("CreateBucket", input, () => {
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(input.Bucket))
        throw new ServiceError("InvalidBucketName", "The specified bucket is not valid.", 400, {
          BucketName: input.Bucket,
        });
      if (!this.#buckets.has(input.Bucket))
        this.#buckets.set(input.Bucket, new Bucket(input.Bucket, this.#now()));
    });
  }

  deleteBucket(input: api.BucketRef): void {
    this.#run("DeleteBucket", input, () => {
      if (!this.#bucket(input).isEmpty)
        throw new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, {
          BucketName: input.Bucket,
        });
      this.#buckets.delete(input.Bucket);
    });
  }

  headBucket(input: api.BucketRef): void {
    this.#run("HeadBucket", input, () => this.#bucket(input));
  }

  /** Buckets by name, in pages where a size is asked for; a page's token is the name that it ended with. */
  listBuckets(input: api.ListBucketsInput = {}): api.ListBucketsOutput {
    return this.#run("ListBuckets", input, () => listBuckets(this.#buckets.values(), input));
  }

  /** Replaces the rules by which objects expire and uploads are aborted, at midnight UTC of the model's clock. */
  putBucketLifecycleConfiguration(input: api.BucketRef & { readonly Rules: readonly LifecycleRule[] }): void {
    this.#run("PutBucketLifecycleConfiguration", input, () => {
      this.#bucket(input).lifecycle = new Lifecycle(input.Rules);
    });
  }

  getBucketLifecycleConfiguration(input: api.BucketRef): { readonly Rules: readonly LifecycleRule[] } {
    return this.#run("GetBucketLifecycleConfiguration", input, () => {
      const { rules } = this.#bucket(input).lifecycle;
      if (rules.length === 0)
        throw new ServiceError(
          "NoSuchLifecycleConfiguration",
          "The lifecycle configuration does not exist",
          404,
          { BucketName: input.Bucket },
        );
      return { Rules: rules };
    });
  }

  /**
   * Marks the beginning of a conditional write whose body is still to come: a delete before its end is a conflict.
   * Undefined where there is no such bucket.
   */
  beginConditionalWrite({ Bucket, Key }: api.ObjectRef): PendingWrite | undefined {
    return this.#buckets.get(Bucket)?.pendingWrites.begin(Key);
  }

  /** @param pending - where the write began before this call; see beginConditionalWrite */
  putObject(input: api.PutObjectInput, pending?: PendingWrite): api.PutObjectOutput {
    return this.#run("PutObject", input, () => {
      const { Key, Body: body, ChecksumAlgorithm: algorithm } = input;
      const bucket = this.#bucket(input);
      checkKey(Key);
      const headers = storedHeaders(input);
      const checksum = checkBody(body, input) ?? (algorithm && checksumOf(algorithm, body));
      pending?.check();
      checkPut(Key, input, bucket.get(Key));
      const etag = `"${hash("md5", body, "hex")}"`;
      const { modifiedAt } = this.#store(bucket, Key, { body, etag, headers, checksum, parts: [] });
      const expiration = bucket.lifecycle.expirationOf(Key, body.byteLength, modifiedAt);
      return {
        ETag: etag,
        ...(checksum !== undefined && { Checksum: checksum }),
        ...(expiration !== undefined && { Expiration: expiration }),
      };
    });
  }

  getObject(input: api.GetObjectInput): api.GetObjectOutput {
    return this.#run("GetObject", input, () => readObject(this.#bucket(input), input));
  }

  headObject(input: api.GetObjectInput): api.HeadObjectOutput {
    return this.#run("HeadObject", input, () => {
      const { Body: _body, ...head } = readObject(this.#bucket(input), input);
      return head;
    });
  }

  copyObject(input: api.CopyObjectInput): api.CopyObjectOutput {
    return this.#run("CopyObject", input, () => {
      const { Key } = input;
      const bucket = this.#bucket(input);
      checkKey(Key);
      const copy = copyOf(this.#copySource(input), bucket.get(Key), input);
      checkPut(Key, input, bucket.get(Key));
      const { etag, checksum, modifiedAt } = this.#store(bucket, Key, copy);
      return { ETag: etag, LastModified: modifiedAt, ...(checksum !== undefined && { Checksum: checksum }) };
    });
  }

  /** Deletes an object; one that is not there is no error, but with IfMatch. */
  deleteObject(input: api.DeleteObjectInput): void {
    this.#run("DeleteObject", input, () => deleteFrom(this.#bucket(input), input.Key, input.IfMatch));
  }

  deleteObjects(input: api.DeleteObjectsInput): api.DeleteObjectsOutput {
    return this.#run("DeleteObjects", input, (failed) => deleteAll(this.#bucket(input), input, failed));
  }

  listObjectsV2(input: api.ListObjectsV2Input): api.ListObjectsV2Output {
    return this.#run("ListObjectsV2", input, () => listObjects(this.#bucket(input), input));
  }

  createMultipartUpload(input: multipart.CreateMultipartUploadInput): multipart.CreateMultipartUploadOutput {
    return this.#run("CreateMultipartUpload", input, () => {
      const { Bucket, Key, ChecksumAlgorithm, ChecksumType } = input;
      const bucket = this.#bucket(input);
      checkKey(Key);
      const headers = storedHeaders(input);
      const upload = bucket.uploads.create(
        { Bucket, Key, ChecksumAlgorithm, ChecksumType, ...headers },
        this.#now(),
      );
      const abort = bucket.lifecycle.abortionOf(Key, upload.initiatedAt);
      return {
        Bucket,
        Key,
        UploadId: upload.id,
        ...(ChecksumAlgorithm !== undefined && { ChecksumAlgorithm, ChecksumType: upload.type }),
        ...(abort !== undefined && { Abort: abort }),
      };
    });
  }

  uploadPart(input: multipart.UploadPartInput): multipart.UploadPartOutput {
    return this.#run("UploadPart", input, () => this.#addPart(input));
  }

  uploadPartCopy(input: multipart.UploadPartCopyInput): multipart.UploadPartCopyOutput {
    return this.#run("UploadPartCopy", input, () => {
      const { Bucket, Key, UploadId, PartNumber, CopySourceRange: text } = input;
      const { body } = this.#copySource(input);
      const range = text === undefined ? undefined : parseCopyRange(text, body.byteLength);
      const Body = range === undefined ? body : body.subarray(range.start, range.end);
      const { algorithm } = this.#bucket(input).uploads.get(input);
      const Checksum = algorithm && checksumOf(algorithm, Body);
      const part = this.#addPart({ Bucket, Key, UploadId, PartNumber, Body, Checksum });
      return { ...part, LastModified: this.#now() };
    });
  }

  /** @param pending - where the write began before this call; a conflict ends the upload, which must begin again */
  completeMultipartUpload(
    input: multipart.CompleteMultipartUploadInput,
    pending?: PendingWrite,
  ): multipart.CompleteMultipartUploadOutput {
    return this.#run("CompleteMultipartUpload", input, () => {
      const { Bucket, Key } = input;
      const bucket = this.#bucket(input);
      const object = assemble(bucket.uploads.get(input), input);
      try {
        pending?.check();
      } catch (conflict) {
        bucket.uploads.close(input);
        throw conflict;
      }
      checkPut(Key, input, bucket.get(Key));
      const { etag, checksum } = this.#store(bucket, Key, object);
      bucket.uploads.close(input);
      return { Bucket, Key, ETag: etag, ...(checksum !== undefined && { Checksum: checksum }) };
    });
  }

  abortMultipartUpload(input: multipart.UploadRef): void {
    this.#run("AbortMultipartUpload", input, () => this.#bucket(input).uploads.close(input));
  }

  listParts(input: multipart.ListPartsInput): multipart.ListPartsOutput {
    return this.#run("ListParts", input, () => listParts(this.#bucket(input).uploads.get(input), input));
  }

  listMultipartUploads(input: multipart.ListMultipartUploadsInput): multipart.ListMultipartUploadsOutput {
    return this.#run("ListMultipartUploads", input, () =>
      listUploads(this.#bucket(input).uploads.sorted(), input),
    );
  }

  /** All that it holds, in parts: call each when there is time, nobody changes what it stands for. */
  *save(): Generator<() => SavedPart> {
    for (const bucket of this.#buckets.values()) {
      const saved = bucket.save();
      yield () => ({ kind: "bucket", bucket: saved });
      for (const objects of blocksBySize(bucket.entries(), ([, { body }]) => body.byteLength))
        yield () => ({ kind: "objects", bucket: bucket.name, objects });
    }
  }

  /** Takes a part of what another one has saved; the parts come in their order, to a model that was empty. */
  restore(part: SavedPart): void {
    if (part.kind === "bucket") this.#buckets.set(part.bucket.name, Bucket.restore(part.bucket));
    else for (const [key, object] of part.objects) this.#buckets.get(part.bucket)?.put(key, object);
  }

  #run<T>(operation: string, input: unknown, run: (failed: ReadonlySet<number>) => T): T {
    return underFaults(this.#faults, "s3", operation, input, run);
  }

  /** The time in whole seconds: HTTP dates have no smaller part, and what is stored is compared with them. */
  #now(): EpochMs {
    return (Math.floor(this.#clock.now() / 1_000) * 1_000) as EpochMs;
  }

  /** The bucket as it is now, without what has expired. */
  #bucket({ Bucket: name }: api.BucketRef): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined)
      throw new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404, {
        BucketName: name,
      });
    bucket.sweep(this.#now());
    return bucket;
  }

  #copySource({ CopySource: source, CopySourceIf: conditions = {} }: api.CopySource): StoredObject {
    const object = this.#bucket(source).get(source.Key);
    if (object === undefined) throw noSuchKey(source.Key);
    checkCopySource(conditions, object);
    return object;
  }

  #addPart(input: multipart.UploadPartInput): multipart.UploadPartOutput {
    const { md5, checksum } = this.#bucket(input).uploads.addPart(input, this.#now());
    return { ETag: `"${md5}"`, ...(checksum !== undefined && { Checksum: checksum }) };
  }

  #store(bucket: Bucket, key: string, object: Omit<StoredObject, "modifiedAt">): StoredObject {
    const stored = { ...object, modifiedAt: this.#now() };
    bucket.put(key, stored);
    return stored;
  }
}
