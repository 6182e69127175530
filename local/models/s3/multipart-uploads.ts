import { hash } from "node:crypto";
import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import { compareUtf8 } from "../utf8-order.ts";
import {
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
  checkBody,
  checksumOf,
} from "./checksums.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { CreateMultipartUploadInput, UploadPartInput, UploadRef } from "./multipart-api.ts";
import type { ObjectHeaders } from "./s3-api.ts";

const MAX_PARTS = 10_000;

export type UploadedPart = {
  readonly number: number;
  readonly body: Uint8Array;
  /** Not quoted. */
  readonly md5: string;
  readonly uploadedAt: EpochMs;
  readonly checksum: Checksum | undefined;
};

/** An upload in parts that is neither completed nor aborted. */
export type Upload = {
  readonly id: string;
  readonly key: string;
  readonly headers: ObjectHeaders;
  readonly initiatedAt: EpochMs;
  /** Undefined where none was asked for: then the object gets S3's default. */
  readonly algorithm: ChecksumAlgorithm | undefined;
  readonly type: ChecksumType;
  readonly parts: Map<number, UploadedPart>;
};

export type SavedUploads = {
  readonly uploads: readonly Upload[];
  /** How many there were, so that no id comes twice. */
  readonly made: number;
};

/** The uploads in parts to one bucket. */
export class MultipartUploads {
  readonly #bucket: string;
  readonly #uploads = new Map<string, Upload>();
  #made = 0;

  constructor(bucket: string) {
    this.#bucket = bucket;
  }

  create(input: CreateMultipartUploadInput, now: EpochMs): Upload {
    const { Bucket: _bucket, Key: key, ChecksumAlgorithm: algorithm, ChecksumType: type, ...headers } = input;
    this.#made += 1;
    const upload: Upload = {
      id: hash("sha256", `${this.#bucket}/${key} ${now} ${this.#made}`, "base64url"),
      key,
      headers,
      initiatedAt: now,
      algorithm,
      type: typeOf(algorithm, type),
      parts: new Map(),
    };
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** Takes a part; one of the same number replaces it. */
  addPart(input: UploadPartInput, now: EpochMs): UploadedPart {
    const upload = this.get(input);
    const { PartNumber: number, Body: body } = input;
    checkPartNumber(number);
    const part = {
      number,
      body,
      md5: hash("md5", body, "hex"),
      uploadedAt: now,
      checksum: partChecksum(upload, input),
    };
    upload.parts.set(number, part);
    return part;
  }

  /** What to make the same ones of. */
  save(): SavedUploads {
    const uploads = [...this.#uploads.values()].map((upload) => ({
      ...upload,
      parts: new Map(upload.parts),
    }));
    return { uploads, made: this.#made };
  }

  restore({ uploads, made }: SavedUploads): void {
    for (const upload of uploads) this.#uploads.set(upload.id, upload);
    this.#made = made;
  }

  get({ Key, UploadId }: UploadRef): Upload {
    const upload = this.#uploads.get(UploadId);
    if (upload === undefined || upload.key !== Key)
      throw new ServiceError(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
        404,
        { UploadId },
      );
    return upload;
  }

  close(ref: UploadRef): void {
    this.get(ref);
    this.#uploads.delete(ref.UploadId);
  }

  /** All of them by key, those of one key from old to new. */
  sorted(): readonly Upload[] {
    return [...this.#uploads.values()].sort(
      (a, b) => compareUtf8(a.key, b.key) || a.initiatedAt - b.initiatedAt,
    );
  }

  /** Aborts those whose time is over by the bucket's rules. */
  sweep(lifecycle: Lifecycle, now: EpochMs): void {
    for (const { id, key, initiatedAt } of this.#uploads.values()) {
      const abortion = lifecycle.abortionOf(key, initiatedAt);
      if (abortion !== undefined && abortion.at <= now) this.#uploads.delete(id);
    }
  }
}

function typeOf(algorithm: ChecksumAlgorithm | undefined, asked: ChecksumType | undefined): ChecksumType {
  const isFull = algorithm === undefined || algorithm === "CRC64NVME";
  const type = asked ?? (isFull ? "FULL_OBJECT" : "COMPOSITE");
  const isPossible = type === "FULL_OBJECT" ? isFull || algorithm.startsWith("CRC") : !isFull;
  if (isPossible) return type;
  throw new ServiceError(
    "InvalidRequest",
    algorithm === undefined
      ? "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
      : `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

function partChecksum({ algorithm, type }: Upload, input: UploadPartInput): Checksum | undefined {
  const claimed = checkBody(input.Body, input);
  if (algorithm === undefined || claimed?.Algorithm === algorithm) return claimed;
  if (claimed === undefined && type === "FULL_OBJECT") return checksumOf(algorithm, input.Body);
  throw new ServiceError(
    "InvalidRequest",
    `Checksum Type mismatch occurred, expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${claimed?.Algorithm.toLowerCase() ?? "null"}`,
  );
}

function checkPartNumber(number: number): void {
  if (!(Number.isSafeInteger(number) && number >= 1 && number <= MAX_PARTS))
    throw new ServiceError(
      "InvalidArgument",
      `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
      400,
      { ArgumentName: "partNumber", ArgumentValue: String(number) },
    );
}
