import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { Case } from "../../harness/case.ts";
import { API, GUIDE, get, newBucket, outcome, put, text } from "../outcome.ts";
import { changed } from "../wire.ts";

const INTEGRITY = `${GUIDE}checking-object-integrity.html`;
const UPLOADED = `${GUIDE}checking-object-integrity-upload.html`;
const ERRORS = `${API}ErrorResponses.html`;
const HELLO_MD5 = "XUFAKrxLKna5cZ2REBfFkg==";

/** The checksums of "hello", of which CRC64NVME is S3's own choice. */
const HELLO = {
  CRC32: "NhCmhg==",
  CRC32C: "mnG7TA==",
  CRC64NVME: "M3eFcAZSQlc=",
  SHA1: "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
  SHA256: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
} as const;
type Known = keyof typeof HELLO;

/** Puts with a checksum of one kind and reads it back. */
const kept = (algorithm: Known) => ({
  name: `a ${algorithm} checksum is kept and given to who asks for it`,
  run: async (s3: S3Client) => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "k", "hello", { ChecksumAlgorithm: algorithm });
    const head = (ChecksumMode?: "ENABLED") =>
      s3.send(new HeadObjectCommand({ Bucket, Key: "k", ChecksumMode }));
    const asked = await head("ENABLED");
    return {
      asked: asked[`Checksum${algorithm}`],
      unasked: (await head())[`Checksum${algorithm}`],
    };
  },
  aws: { is: { asked: HELLO[algorithm], unasked: undefined }, source: INTEGRITY },
});

/** Puts "hello" with a header about its bytes. */
const claimed = (headers: Record<string, string>) => async (s3: S3Client) => {
  const Bucket = await newBucket(s3);
  const drop = ["x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm"];
  return changed(s3, { drop, headers }, (client) => outcome(put(client, Bucket, "k", "hello")));
};

export const checksums: readonly Case<S3Client>[] = [
  ...[
    ChecksumAlgorithm.CRC32,
    ChecksumAlgorithm.CRC32C,
    ChecksumAlgorithm.CRC64NVME,
    ChecksumAlgorithm.SHA1,
    ChecksumAlgorithm.SHA256,
  ].map(kept),
  {
    name: "the checksum of an object that was put at once is of the full object",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const done = put(s3, Bucket, "k", "hello", { ChecksumAlgorithm: "SHA256" });
      const head = new HeadObjectCommand({ Bucket, Key: "k", ChecksumMode: "ENABLED" });
      return {
        put: await outcome(done, ({ ChecksumType }) => ({ ChecksumType })),
        head: await outcome(s3.send(head), ({ ChecksumType }) => ({ ChecksumType })),
      };
    },
    aws: {
      is: {
        put: { status: 200, ChecksumType: "FULL_OBJECT" },
        head: { status: 200, ChecksumType: "FULL_OBJECT" },
      },
      source: INTEGRITY,
    },
  },
  {
    name: "an object that comes without a checksum gets a CRC64NVME",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const drop = ["x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm"];
      await changed(s3, { drop }, (client) => put(client, Bucket, "k", "hello"));
      const head = new HeadObjectCommand({ Bucket, Key: "k", ChecksumMode: "ENABLED" });
      return outcome(s3.send(head), ({ ChecksumCRC64NVME, ChecksumType }) => ({
        ChecksumCRC64NVME,
        ChecksumType,
      }));
    },
    aws: {
      is: { status: 200, ChecksumCRC64NVME: HELLO.CRC64NVME, ChecksumType: "FULL_OBJECT" },
      source: INTEGRITY,
    },
  },
  {
    name: "the right Content-MD5 is taken",
    run: claimed({ "content-md5": HELLO_MD5 }),
    aws: { is: { status: 200 }, source: UPLOADED },
  },
  {
    name: "the Content-MD5 of other bytes is a bad digest",
    run: claimed({ "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" }),
    aws: { is: { status: 400, error: "BadDigest" }, source: ERRORS },
  },
  {
    name: "a Content-MD5 that is none is an invalid digest",
    run: claimed({ "content-md5": "nonsense" }),
    aws: { is: { status: 400, error: "InvalidDigest" }, source: ERRORS },
  },
  {
    name: "the checksum of other bytes is a bad digest, and nothing is stored",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const headers = { "x-amz-checksum-crc32": "AAAAAA==" };
      return {
        put: await changed(s3, { headers }, (client) => outcome(put(client, Bucket, "k", "hello"))),
        get: await outcome(get(s3, Bucket, "k")),
      };
    },
    aws: {
      is: { put: { status: 400, error: "BadDigest" }, get: { status: 404, error: "NoSuchKey" } },
      source: ERRORS,
    },
  },
  {
    name: "a checksum that is none is an invalid request",
    run: claimed({ "x-amz-checksum-sha256": "nonsense" }),
    aws: { is: { status: 400, error: "InvalidRequest" }, source: ERRORS },
  },
  {
    name: "two checksums at once are an invalid request",
    run: claimed({ "x-amz-checksum-crc32": HELLO.CRC32, "x-amz-checksum-sha1": HELLO.SHA1 }),
    aws: { is: { status: 400, error: "InvalidRequest" }, source: ERRORS },
  },
  {
    name: "a body that is not the signed one is refused",
    run: claimed({ "x-amz-content-sha256": createHash("sha256").update("other").digest("hex") }),
    aws: { is: { status: 400, error: "XAmzContentSHA256Mismatch" }, source: ERRORS },
  },
  {
    name: "a streamed body comes in chunks with its checksum behind it",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const bytes = Buffer.alloc(200_000, "0123456789\r\n");
      const Body = Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]);
      const done = await outcome(put(s3, Bucket, "k", Body, { ContentLength: bytes.byteLength }));
      const body = (await text(s3, Bucket, "k")) ?? "";
      return { done, isSame: body === bytes.toString(), length: body.length };
    },
    aws: {
      is: { done: { status: 200 }, isSame: true, length: 200_000 },
      source: `${API}sigv4-streaming-trailers.html`,
    },
  },
  {
    name: "a checksum behind a streamed body is checked",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
      const headers = {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "5",
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-trailer": "x-amz-checksum-crc32",
      };
      const drop = ["x-amz-checksum-crc32"];
      return changed(s3, { drop, headers, body }, (client) => outcome(put(client, Bucket, "k", "hello")));
    },
    aws: { is: { status: 400, error: "BadDigest" }, source: ERRORS },
  },
  {
    name: "a checksum comes with the whole object and not with a range of it",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "hello", { ChecksumAlgorithm: "SHA256" });
      const asked = async (Range?: string) =>
        (await get(s3, Bucket, "k", { ChecksumMode: "ENABLED", Range })).ChecksumSHA256;
      return { whole: await asked(), range: await asked("bytes=0-1") };
    },
    aws: { is: { whole: HELLO.SHA256, range: undefined }, source: `${API}API_GetObject.html` },
  },
  {
    name: "parts with SHA256 make a composite checksum with their number",
    run: async (s3) => {
      const upload = { Bucket: await newBucket(s3), Key: "k" };
      const { UploadId } = await s3.send(
        new CreateMultipartUploadCommand({ ...upload, ChecksumAlgorithm: "SHA256" }),
      );
      const part = { ...upload, UploadId, PartNumber: 1, Body: "hello" };
      const { ETag, ChecksumSHA256 } = await s3.send(
        new UploadPartCommand({ ...part, ChecksumAlgorithm: "SHA256" }),
      );
      const Parts = [{ PartNumber: 1, ETag, ChecksumSHA256 }];
      const done = new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } });
      return outcome(s3.send(done), (output) => ({
        part: ChecksumSHA256,
        whole: output.ChecksumSHA256,
        type: output.ChecksumType,
      }));
    },
    aws: {
      is: {
        status: 200,
        part: HELLO.SHA256,
        whole: `${createHash("sha256").update(Buffer.from(HELLO.SHA256, "base64")).digest("base64")}-1`,
        type: "COMPOSITE",
      },
      source: INTEGRITY,
    },
  },
  {
    name: "parts with CRC64NVME make the checksum of the whole object",
    run: async (s3) => {
      const upload = { Bucket: await newBucket(s3), Key: "k" };
      const { UploadId } = await s3.send(
        new CreateMultipartUploadCommand({ ...upload, ChecksumAlgorithm: "CRC64NVME" }),
      );
      const part = { ...upload, UploadId, PartNumber: 1, Body: "hello" };
      const { ETag, ChecksumCRC64NVME } = await s3.send(
        new UploadPartCommand({ ...part, ChecksumAlgorithm: "CRC64NVME" }),
      );
      const Parts = [{ PartNumber: 1, ETag, ChecksumCRC64NVME }];
      const done = new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } });
      return outcome(s3.send(done), (output) => ({
        whole: output.ChecksumCRC64NVME,
        type: output.ChecksumType,
      }));
    },
    aws: { is: { status: 200, whole: HELLO.CRC64NVME, type: "FULL_OBJECT" }, source: INTEGRITY },
  },
  {
    name: "a checksum of the whole object that comes out otherwise ends in a bad digest",
    run: async (s3) => {
      const upload = { Bucket: await newBucket(s3), Key: "k" };
      const { UploadId } = await s3.send(
        new CreateMultipartUploadCommand({ ...upload, ChecksumAlgorithm: "CRC64NVME" }),
      );
      const part = { ...upload, UploadId, PartNumber: 1, Body: "hello" };
      const { ETag, ChecksumCRC64NVME } = await s3.send(
        new UploadPartCommand({ ...part, ChecksumAlgorithm: "CRC64NVME" }),
      );
      const done = new CompleteMultipartUploadCommand({
        ...upload,
        UploadId,
        ChecksumCRC64NVME: "AAAAAAAAAAA=",
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ChecksumCRC64NVME }] },
      });
      return outcome(s3.send(done));
    },
    aws: { is: { status: 400, error: "BadDigest" }, source: `${API}API_CompleteMultipartUpload.html` },
  },
  {
    name: "SHA256 cannot be of the whole object, nor CRC64NVME of parts",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const create = (algorithm: "SHA256" | "CRC64NVME", type: "FULL_OBJECT" | "COMPOSITE") =>
        outcome(
          s3.send(
            new CreateMultipartUploadCommand({
              Bucket,
              Key: "k",
              ChecksumAlgorithm: algorithm,
              ChecksumType: type,
            }),
          ),
        );
      return { sha: await create("SHA256", "FULL_OBJECT"), crc: await create("CRC64NVME", "COMPOSITE") };
    },
    aws: {
      is: {
        sha: { status: 400, error: "InvalidRequest" },
        crc: { status: 400, error: "InvalidRequest" },
      },
      source: INTEGRITY,
    },
  },
];
