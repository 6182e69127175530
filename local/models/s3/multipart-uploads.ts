import { createHash, hash } from "node:crypto";
import { ServiceError } from "../service-error.ts";
import type {
  CompletedPart,
  CreateMultipartUploadInput,
  ObjectHeaders,
  UploadPartInput,
  UploadRef,
} from "./s3-api.ts";

const MIN_PART_BYTES = 5 * 1_048_576;
const MAX_PARTS = 10_000;

type Part = { readonly body: Uint8Array; readonly md5: Buffer };
type Upload = {
  readonly bucket: string;
  readonly key: string;
  readonly headers: ObjectHeaders;
  readonly parts: Map<number, Part>;
};

/** The uploads in parts that are neither completed nor aborted. */
export class MultipartUploads {
  readonly #uploads = new Map<string, Upload>();
  #made = 0;

  create({ Bucket, Key, ...headers }: CreateMultipartUploadInput): UploadRef {
    this.#made += 1;
    const UploadId = hash("md5", `${this.#made} ${Bucket}/${Key}`, "hex");
    this.#uploads.set(UploadId, { bucket: Bucket, key: Key, headers, parts: new Map() });
    return { Bucket, Key, UploadId };
  }

  /** Takes a part; one of the same number replaces it. Returns its quoted ETag. */
  addPart(input: UploadPartInput): string {
    const { parts } = this.#upload(input);
    const { PartNumber: number, Body: body } = input;
    if (!(Number.isSafeInteger(number) && number >= 1 && number <= MAX_PARTS))
      throw new ServiceError("InvalidArgument", `Part number must be an integer between 1 and ${MAX_PARTS}`);
    const md5 = createHash("md5").update(body).digest();
    parts.set(number, { body, md5 });
    return `"${md5.toString("hex")}"`;
  }

  /** Puts the named parts together; the upload stays until it is closed. */
  assemble(
    ref: UploadRef,
    completed: readonly CompletedPart[],
  ): { readonly body: Uint8Array; readonly etag: string; readonly headers: ObjectHeaders } {
    const { parts, headers } = this.#upload(ref);
    if (completed.length === 0) throw new ServiceError("MalformedXML", "You must specify at least one part");
    if (completed.some(({ PartNumber }, i) => PartNumber <= (completed[i - 1]?.PartNumber ?? 0)))
      throw new ServiceError("InvalidPartOrder", "The list of parts was not in ascending order.");
    const chosen = completed.map(({ PartNumber, ETag }, i) => {
      const part = parts.get(PartNumber);
      if (part === undefined || part.md5.toString("hex") !== ETag.replaceAll('"', ""))
        throw new ServiceError(
          "InvalidPart",
          `Part ${PartNumber} could not be found or its ETag does not match`,
        );
      if (i < completed.length - 1 && part.body.byteLength < MIN_PART_BYTES)
        throw new ServiceError(
          "EntityTooSmall",
          "Your proposed upload is smaller than the minimum allowed size",
        );
      return part;
    });
    const md5 = createHash("md5").update(Buffer.concat(chosen.map((part) => part.md5)));
    return {
      body: Buffer.concat(chosen.map((part) => part.body)),
      etag: `"${md5.digest("hex")}-${chosen.length}"`,
      headers,
    };
  }

  close(ref: UploadRef): void {
    this.#upload(ref);
    this.#uploads.delete(ref.UploadId);
  }

  #upload({ Bucket, Key, UploadId }: UploadRef): Upload {
    const upload = this.#uploads.get(UploadId);
    if (upload === undefined || upload.bucket !== Bucket || upload.key !== Key)
      throw new ServiceError("NoSuchUpload", "The specified multipart upload does not exist.", 404);
    return upload;
  }
}
