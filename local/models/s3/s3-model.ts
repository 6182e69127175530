import { hash } from "node:crypto";
import type { Clock } from "../../../shared/time/clock.ts";
import { type ServiceFaults, underFaults } from "../faults.ts";
import { ServiceError } from "../service-error.ts";
import { Bucket, type StoredObject } from "./bucket.ts";
import { parseRange } from "./byte-range.ts";
import { checkedGet, checkPut } from "./conditions.ts";
import { listObjects } from "./list-objects.ts";
import { MultipartUploads } from "./multipart-uploads.ts";
import type * as api from "./s3-api.ts";

const MAX_KEY_BYTES = 1_024;
const MAX_DELETES = 1_000;

export type S3Options = { readonly clock: Clock; readonly faults?: ServiceFaults };

/**
 * S3 in memory: reads and listings see every write before them. Bodies handed in and out are kept, not copied.
 * Throws ServiceError with the codes of the API.
 */
export class S3Model {
  readonly #clock: Clock;
  readonly #faults: ServiceFaults | undefined;
  readonly #buckets = new Map<string, Bucket>();
  readonly #uploads = new MultipartUploads();

  constructor(options: S3Options) {
    this.#clock = options.clock;
    this.#faults = options.faults;
  }

  createBucket(input: { readonly Bucket: string }): void {
    this.#run("CreateBucket", input, () => {
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(input.Bucket))
        throw new ServiceError("InvalidBucketName", "The specified bucket is not valid.");
      if (this.#buckets.has(input.Bucket))
        throw new ServiceError(
          "BucketAlreadyOwnedByYou",
          "You already own the bucket that you try to create.",
          409,
        );
      this.#buckets.set(input.Bucket, new Bucket());
    });
  }

  deleteBucket(input: { readonly Bucket: string }): void {
    this.#run("DeleteBucket", input, () => {
      if (!this.#bucket(input).isEmpty)
        throw new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
      this.#buckets.delete(input.Bucket);
    });
  }

  headBucket(input: { readonly Bucket: string }): void {
    this.#run("HeadBucket", input, () => this.#bucket(input));
  }

  listBuckets(): { readonly Buckets: readonly { readonly Name: string }[] } {
    return this.#run("ListBuckets", {}, () => ({
      Buckets: [...this.#buckets.keys()].sort().map((Name) => ({ Name })),
    }));
  }

  putObject(input: api.PutObjectInput): api.PutObjectOutput {
    return this.#run("PutObject", input, () => {
      const bucket = this.#bucket(input);
      checkKey(input.Key);
      checkPut(input, bucket.get(input.Key));
      const etag = `"${hash("md5", input.Body, "hex")}"`;
      const { ContentType, ContentEncoding, CacheControl, Metadata } = input;
      this.#store(bucket, input.Key, input.Body, etag, {
        ContentType,
        ContentEncoding,
        CacheControl,
        Metadata,
      });
      return { ETag: etag };
    });
  }

  getObject(input: api.GetObjectInput): api.GetObjectOutput {
    return this.#run("GetObject", input, () => this.#read(input));
  }

  headObject(input: api.GetObjectInput): api.HeadObjectOutput {
    return this.#run("HeadObject", input, () => {
      const { Body: _body, ...head } = this.#read(input);
      return head;
    });
  }

  /** Deletes an object; one that is not there is no error. */
  deleteObject(input: api.ObjectRef): void {
    this.#run("DeleteObject", input, () => this.#bucket(input).delete(input.Key));
  }

  deleteObjects(input: api.DeleteObjectsInput): api.DeleteObjectsOutput {
    return this.#run("DeleteObjects", input, (failed) => {
      const bucket = this.#bucket(input);
      const { Objects: objects, Quiet: quiet } = input.Delete;
      if (objects.length < 1 || objects.length > MAX_DELETES)
        throw new ServiceError("MalformedXML", `One call deletes 1 to ${MAX_DELETES} objects`);
      const deleted: { readonly Key: string }[] = [];
      const errors: { readonly Key: string; readonly Code: string; readonly Message: string }[] = [];
      objects.forEach(({ Key }, index) => {
        if (failed.has(index)) {
          errors.push({ Key, Code: "InternalError", Message: "We encountered an internal error." });
          return;
        }
        bucket.delete(Key);
        if (quiet !== true) deleted.push({ Key });
      });
      return { Deleted: deleted, Errors: errors };
    });
  }

  listObjectsV2(input: api.ListObjectsV2Input): api.ListObjectsV2Output {
    return this.#run("ListObjectsV2", input, () => listObjects(this.#bucket(input), input));
  }

  createMultipartUpload(input: api.CreateMultipartUploadInput): api.UploadRef {
    return this.#run("CreateMultipartUpload", input, () => {
      this.#bucket(input);
      checkKey(input.Key);
      return this.#uploads.create(input);
    });
  }

  uploadPart(input: api.UploadPartInput): { readonly ETag: string } {
    return this.#run("UploadPart", input, () => ({ ETag: this.#uploads.addPart(input) }));
  }

  completeMultipartUpload(
    input: api.CompleteMultipartUploadInput,
  ): api.ObjectRef & { readonly ETag: string } {
    return this.#run("CompleteMultipartUpload", input, () => {
      const bucket = this.#bucket(input);
      const { body, etag, headers } = this.#uploads.assemble(input, input.MultipartUpload.Parts);
      checkPut(input, bucket.get(input.Key));
      this.#store(bucket, input.Key, body, etag, headers);
      this.#uploads.close(input);
      return { Bucket: input.Bucket, Key: input.Key, ETag: etag };
    });
  }

  abortMultipartUpload(input: api.UploadRef): void {
    this.#run("AbortMultipartUpload", input, () => this.#uploads.close(input));
  }

  #run<T>(operation: string, input: unknown, run: (failed: ReadonlySet<number>) => T): T {
    return underFaults(this.#faults, "s3", operation, input, run);
  }

  #bucket({ Bucket: name }: { readonly Bucket: string }): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined)
      throw new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404, {
        BucketName: name,
      });
    return bucket;
  }

  #store(bucket: Bucket, key: string, body: Uint8Array, etag: string, headers: api.ObjectHeaders): void {
    const object: StoredObject = { body, etag, modifiedAt: this.#clock.now(), headers };
    bucket.put(key, object);
  }

  #read(input: api.GetObjectInput): api.GetObjectOutput {
    const { body, etag, modifiedAt, headers } = checkedGet(input, this.#bucket(input).get(input.Key));
    const range = input.Range === undefined ? undefined : parseRange(input.Range, body.byteLength);
    const part = range === undefined ? body : body.subarray(range.start, range.end);
    return {
      ...headers,
      ContentLength: part.byteLength,
      ETag: etag,
      LastModified: modifiedAt,
      ...(range !== undefined && {
        ContentRange: `bytes ${range.start}-${range.end - 1}/${body.byteLength}`,
      }),
      Body: part,
    };
  }
}

function checkKey(key: string): void {
  if (key.length === 0) throw new ServiceError("InvalidArgument", "An object needs a key");
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw new ServiceError("KeyTooLongError", "Your key is too long");
}
