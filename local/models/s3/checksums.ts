import { hash } from "node:crypto";
import { ServiceError } from "../service-error.ts";
import { crc32, crc32c, crc64nvme } from "./crc.ts";
import type { BodyClaims } from "./s3-api.ts";

export type ChecksumAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";

const DIGESTS: Readonly<Record<ChecksumAlgorithm, (body: Uint8Array) => Buffer>> = {
  CRC32: crc32,
  CRC32C: crc32c,
  CRC64NVME: crc64nvme,
  SHA1: (body) => hash("sha1", body, "buffer"),
  SHA256: (body) => hash("sha256", body, "buffer"),
};

/** Whether it was made of the object's bytes or of its parts' checksums. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** What a client claims; the value is base64. */
export type ClaimedChecksum = { readonly Algorithm: ChecksumAlgorithm; readonly Value: string };
/** What is kept; the value is base64, with `-` and the number of parts behind it where it is composite. */
export type Checksum = ClaimedChecksum & { readonly Type: ChecksumType };

export const CHECKSUM_ALGORITHMS = Object.keys(DIGESTS) as readonly ChecksumAlgorithm[];

export const isChecksumAlgorithm = (name: string): name is ChecksumAlgorithm => Object.hasOwn(DIGESTS, name);

export const checksumOf = (Algorithm: ChecksumAlgorithm, body: Uint8Array): Checksum => ({
  Algorithm,
  Value: DIGESTS[Algorithm](body).toString("base64"),
  Type: "FULL_OBJECT",
});

/** The checksum of the parts' checksums, in their order. */
export function compositeOf(Algorithm: ChecksumAlgorithm, parts: readonly Checksum[]): Checksum {
  const bytes = Buffer.concat(parts.map(({ Value }) => Buffer.from(Value, "base64")));
  const Value = `${checksumOf(Algorithm, bytes).Value}-${parts.length}`;
  return { Algorithm, Value, Type: "COMPOSITE" };
}

/**
 * Throws where a body is not what its sender says: InvalidDigest or InvalidRequest for what is no digest, else
 * BadDigest. Returns the checksum that it was checked by.
 */
export function checkBody(
  body: Uint8Array,
  { ContentMD5, Checksum: claimed }: BodyClaims,
): Checksum | undefined {
  if (ContentMD5 !== undefined) checkMd5(body, ContentMD5);
  if (claimed === undefined) return undefined;
  const { Algorithm, Value } = claimed;
  const made = checksumOf(Algorithm, body);
  if (!isBase64(Value, Buffer.byteLength(made.Value, "base64")))
    throw new ServiceError(
      "InvalidRequest",
      `Value for x-amz-checksum-${Algorithm.toLowerCase()} header is invalid.`,
    );
  if (made.Value !== Value) throw badDigest(Algorithm);
  return made;
}

export const badDigest = (algorithm: string): ServiceError =>
  new ServiceError("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);

function checkMd5(body: Uint8Array, claimed: string): void {
  if (!isBase64(claimed, 16))
    throw new ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.");
  const md5 = hash("md5", body, "base64");
  if (md5 !== claimed)
    throw new ServiceError(
      "BadDigest",
      "The Content-MD5 you specified did not match what we received.",
      400,
      {
        ExpectedDigest: claimed,
        CalculatedDigest: md5,
      },
    );
}

const isBase64 = (text: string, bytes: number): boolean =>
  Buffer.from(text, "base64").toString("base64") === text && Buffer.byteLength(text, "base64") === bytes;
