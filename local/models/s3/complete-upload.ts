import { hash } from "node:crypto";
import { ServiceError } from "../service-error.ts";
import type { StoredObject } from "./bucket.ts";
import { badDigest, type Checksum, checksumOf, compositeOf } from "./checksums.ts";
import type { CompletedPart, CompleteMultipartUploadInput } from "./multipart-api.ts";
import type { Upload, UploadedPart } from "./multipart-uploads.ts";

const MIN_PART_BYTES = 5 * 1_048_576;

/**
 * Puts the named parts of an upload together.
 * Throws MalformedXML, InvalidPartOrder, InvalidPart, EntityTooSmall, InvalidRequest or BadDigest.
 */
export function assemble(
  upload: Upload,
  input: CompleteMultipartUploadInput,
): Omit<StoredObject, "modifiedAt"> {
  const parts = chosenParts(upload, input.MultipartUpload.Parts);
  const body = Buffer.concat(parts.map((part) => part.body));
  const { MpuObjectSize: size = body.byteLength } = input;
  if (size !== body.byteLength)
    throw new ServiceError(
      "InvalidRequest",
      `The provided 'x-amz-mp-object-size' header value ${size} does not match what was computed: ${body.byteLength}`,
    );
  const md5 = hash("md5", Buffer.from(parts.map((part) => part.md5).join(""), "hex"), "hex");
  return {
    body,
    etag: `"${md5}-${parts.length}"`,
    headers: upload.headers,
    checksum: checkedWhole(wholeChecksum(upload, parts, body), input),
    parts: parts.map((part) => ({ number: part.number, size: part.body.byteLength })),
  };
}

function chosenParts(upload: Upload, listed: readonly CompletedPart[]): readonly UploadedPart[] {
  if (listed.length === 0)
    throw new ServiceError("MalformedXML", "You must specify at least one part of the upload");
  if (listed.some(({ PartNumber }, i) => PartNumber <= (listed[i - 1]?.PartNumber ?? 0)))
    throw new ServiceError(
      "InvalidPartOrder",
      "The list of parts was not in ascending order. Parts must be ordered by part number.",
    );
  const parts = listed.map((part) => uploadedPart(upload, part));
  const small = parts.slice(0, -1).find(({ body }) => body.byteLength < MIN_PART_BYTES);
  if (small !== undefined)
    throw new ServiceError(
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size",
      400,
      {
        ProposedSize: small.body.byteLength,
        MinSizeAllowed: MIN_PART_BYTES,
        PartNumber: small.number,
        ETag: small.md5,
      },
    );
  return parts;
}

function uploadedPart(upload: Upload, { PartNumber, ETag, Checksum: claimed }: CompletedPart): UploadedPart {
  const part = upload.parts.get(PartNumber);
  const isOther =
    claimed !== undefined && part?.checksum !== undefined && claimed.Value !== part.checksum.Value;
  if (part === undefined || part.md5 !== ETag.replaceAll('"', "") || isOther)
    throw new ServiceError(
      "InvalidPart",
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      400,
      { UploadId: upload.id, PartNumber, ETag: ETag.replaceAll('"', "") },
    );
  if (upload.type === "COMPOSITE" && claimed === undefined)
    throw new ServiceError(
      "InvalidRequest",
      `The upload was created using a ${upload.algorithm?.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${PartNumber} in the request.`,
    );
  return part;
}

function wholeChecksum(upload: Upload, parts: readonly UploadedPart[], body: Uint8Array): Checksum {
  const { algorithm = "CRC64NVME", type } = upload;
  if (type === "FULL_OBJECT") return checksumOf(algorithm, body);
  return compositeOf(
    algorithm,
    parts.flatMap(({ checksum }) => checksum ?? []),
  );
}

function checkedWhole(made: Checksum, { Checksum: claimed }: CompleteMultipartUploadInput): Checksum {
  if (claimed === undefined) return made;
  const [value] = made.Value.split("-");
  const isSame = claimed.Algorithm === made.Algorithm && [value, made.Value].includes(claimed.Value);
  if (!isSame) throw badDigest(claimed.Algorithm.toLowerCase());
  return made;
}
