import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  NoSuchKey,
  NotFound,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalServices, startLocalServices } from "./local-services.ts";

let local: LocalServices;
const Bucket = "lake";

beforeAll(async () => {
  local = await startLocalServices();
  await local.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => local.close());

const put = (Key: string, Body: string | Uint8Array, more: object = {}) =>
  local.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const text = async (Key: string, more: object = {}) =>
  (await local.s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString();

test("the S3 client gets back body, metadata, type, ETag and time", async () => {
  const Key = "a/ü & <b>+%20.json";
  const { ETag } = await put(Key, "hello", { ContentType: "application/json", Metadata: { version: "7" } });
  expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
  const got = await local.s3.send(new GetObjectCommand({ Bucket, Key }));
  expect(await got.Body?.transformToString()).toBe("hello");
  expect(got).toMatchObject({
    ETag,
    ContentType: "application/json",
    ContentLength: 5,
    Metadata: { version: "7" },
  });
  expect(got.LastModified?.getTime()).toBe(local.clock.now());
  expect(await local.s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
    ETag,
    ContentLength: 5,
  });
});

test("a streamed body in aws-chunked form with a trailing checksum is stored without its wrapping", async () => {
  const body = Buffer.alloc(200_000, "0123456789\r\n");
  await local.s3.send(
    new PutObjectCommand({
      Bucket,
      Key: "streamed",
      Body: Readable.from([body.subarray(0, 70_000), body.subarray(70_000)]),
      ContentLength: body.byteLength,
    }),
  );
  const got = await local.s3.send(new GetObjectCommand({ Bucket, Key: "streamed" }));
  expect(Buffer.compare(Buffer.from((await got.Body?.transformToByteArray()) ?? []), body)).toBe(0);
  expect(got.ContentEncoding).toBeUndefined();
});

test("If-None-Match and If-Match decide who wins a put", async () => {
  const { ETag } = await put("cas", "1", { IfNoneMatch: "*" });
  await expect(put("cas", "2", { IfNoneMatch: "*" })).rejects.toMatchObject({
    name: "PreconditionFailed",
    $metadata: { httpStatusCode: 412 },
  });
  await put("cas", "3", { IfMatch: ETag });
  await expect(put("cas", "4", { IfMatch: ETag })).rejects.toMatchObject({ name: "PreconditionFailed" });
  await expect(text("cas", { IfNoneMatch: '"eccbc87e4b5ce2fe28308fd9f2a7baf3"' })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
  expect(await text("cas")).toBe("3");
});

test("ranges are cut out of an object, and one behind its end is refused", async () => {
  await put("range", "0123456789");
  expect(await text("range", { Range: "bytes=2-4" })).toBe("234");
  expect(await text("range", { Range: "bytes=7-" })).toBe("789");
  expect(await text("range", { Range: "bytes=-2" })).toBe("89");
  const part = await local.s3.send(new GetObjectCommand({ Bucket, Key: "range", Range: "bytes=8-99" }));
  expect(part).toMatchObject({ ContentRange: "bytes 8-9/10", ContentLength: 2 });
  await expect(text("range", { Range: "bytes=10-" })).rejects.toMatchObject({ name: "InvalidRange" });
});

test("missing objects, and operations that are not modelled, are refused by name", async () => {
  await expect(text("nothing")).rejects.toBeInstanceOf(NoSuchKey);
  await expect(local.s3.send(new HeadObjectCommand({ Bucket, Key: "nothing" }))).rejects.toBeInstanceOf(
    NotFound,
  );
  await expect(local.s3.send(new GetObjectCommand({ Bucket: "nowhere", Key: "k" }))).rejects.toMatchObject({
    name: "NoSuchBucket",
  });
  await expect(
    local.s3.send(new PutObjectTaggingCommand({ Bucket, Key: "cas", Tagging: { TagSet: [] } })),
  ).rejects.toMatchObject({ name: "NotImplemented" });
});

test("listings have pages, prefixes and common prefixes", async () => {
  const keys = ["list/a", "list/b/1", "list/b/2", "list/c&d", "list/é"];
  for (const key of keys) await put(key, "x");
  const all = await local.s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/" }));
  expect(all.Contents?.map((o) => o.Key)).toEqual(keys);
  const seen: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await local.s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: "list/", Delimiter: "/", MaxKeys: 1, ContinuationToken }),
    );
    seen.push(
      ...(page.Contents ?? []).map((o) => o.Key),
      ...(page.CommonPrefixes ?? []).map((p) => p.Prefix),
    );
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(seen).toEqual(["list/a", "list/b/", "list/c&d", "list/é"]);
});

test("objects are deleted alone and in batches, and what is not there is no error", async () => {
  for (const key of ["del/<1>", "del/2", "del/3"]) await put(key, "x");
  await local.s3.send(new DeleteObjectCommand({ Bucket, Key: "del/3" }));
  const { Deleted } = await local.s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "del/<1>" }, { Key: "del/none" }] } }),
  );
  expect(Deleted?.map((d) => d.Key)).toEqual(["del/<1>", "del/none"]);
  const { Contents } = await local.s3.send(new ListObjectsV2Command({ Bucket, Prefix: "del/" }));
  expect(Contents?.map((o) => o.Key)).toEqual(["del/2"]);
});

test("parts are put together in order, under an ETag that counts them", async () => {
  const where = { Bucket, Key: "parts" };
  const { UploadId } = await local.s3.send(new CreateMultipartUploadCommand(where));
  const bodies = [Buffer.alloc(5 * 1_048_576, 1), Buffer.from("end")];
  const Parts = [];
  for (const [i, Body] of bodies.entries()) {
    const { ETag } = await local.s3.send(
      new UploadPartCommand({ ...where, UploadId, PartNumber: i + 1, Body }),
    );
    Parts.push({ PartNumber: i + 1, ETag });
  }
  const done = await local.s3.send(
    new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts }, IfNoneMatch: "*" }),
  );
  expect(done.ETag).toMatch(/^"[\da-f]{32}-2"$/);
  expect(await text("parts", { Range: "bytes=5242879-" })).toBe("\u0001end");
});

test("a delete that overtakes a conditional put on its way makes it a conflict", async () => {
  const { ETag } = await put("overtaken", "1");
  const { hostname, port } = new URL(local.url);
  const path = `/${Bucket}/overtaken`;
  const headers = { "if-match": ETag, "content-length": "4", expect: "100-continue" };
  const slow = request({ hostname, port, path, method: "PUT", headers });
  const answered = once(slow, "response");
  slow.flushHeaders();
  // the server has seen the headers, so the write has begun
  await once(slow, "continue");
  await local.s3.send(new DeleteObjectCommand({ Bucket, Key: "overtaken" }));
  slow.end("late");
  const [response] = (await answered) as [IncomingMessage];
  expect(response.statusCode).toBe(409);
  expect(await textOf(response)).toContain("<Code>ConditionalRequestConflict</Code>");
  await put("overtaken", "2", { IfNoneMatch: "*" });
});

test("a bucket may stand in the host's name", async () => {
  await put("hosted", "by name");
  const { hostname, port } = new URL(local.url);
  const bodies: string[] = [];
  for (const host of [
    `${Bucket}.s3.us-east-1.amazonaws.com`,
    `${Bucket}.s3.localhost:${port}`,
    `${Bucket}.localhost`,
  ]) {
    const asked = request({ hostname, port, path: "/hosted", headers: { host } }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    bodies.push(await textOf(response));
  }
  expect(bodies).toEqual(["by name", "by name", "by name"]);
});

test("an error says what, where and in which request", async () => {
  const answer = await fetch(`${local.url}/${Bucket}/a%20b%3C`);
  const body = await answer.text();
  expect(answer.status).toBe(404);
  expect(body).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><Code>NoSuchKey<\/Code>/);
  expect(body).toContain("<Key>a b&#60;</Key>");
  expect(body).toContain(`<Resource>/${Bucket}/a%20b%3C</Resource>`);
  expect(body).toContain(`<RequestId>${answer.headers.get("x-amz-request-id")}</RequestId>`);
});

test("a checksum comes back with the object, and a wrong one is refused", async () => {
  await put("checked", "hello", { ChecksumAlgorithm: "SHA256" });
  const ChecksumSHA256 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
  const asked = new HeadObjectCommand({ Bucket, Key: "checked", ChecksumMode: "ENABLED" });
  expect(await local.s3.send(asked)).toMatchObject({ ChecksumSHA256, ChecksumType: "FULL_OBJECT" });
  await expect(put("checked", "other", { ChecksumSHA256 })).rejects.toMatchObject({ name: "BadDigest" });
  await expect(put("checked", "x", { ContentMD5: "nonsense" })).rejects.toMatchObject({
    name: "InvalidDigest",
  });
});

test("objects are copied, whole and in parts", async () => {
  await put("from a/ü", "0123456789", { Metadata: { made: "first" } });
  const CopySource = `${Bucket}/${encodeURIComponent("from a/ü")}`;
  await local.s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
  expect(await local.s3.send(new GetObjectCommand({ Bucket, Key: "copy" }))).toMatchObject({
    Metadata: { made: "first" },
  });
  const where = { Bucket, Key: "copied in parts" };
  const { UploadId } = await local.s3.send(new CreateMultipartUploadCommand(where));
  const part = { ...where, UploadId, PartNumber: 1, CopySource, CopySourceRange: "bytes=2-4" };
  const { CopyPartResult } = await local.s3.send(new UploadPartCopyCommand(part));
  const { Parts } = await local.s3.send(new ListPartsCommand({ ...where, UploadId }));
  expect(Parts).toMatchObject([{ PartNumber: 1, Size: 3, ETag: CopyPartResult?.ETag }]);
  const uploads = await local.s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "copied" }));
  expect(uploads.Uploads).toMatchObject([{ Key: "copied in parts", UploadId }]);
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] };
  await local.s3.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload }));
  expect(await text("copied in parts")).toBe("234");
});

test("lifecycle rules are put, read, and taken away", async () => {
  const Rules = [
    {
      ID: "old",
      Status: "Enabled",
      Filter: { And: { Prefix: "log/", ObjectSizeGreaterThan: 10 } },
      Expiration: { Days: 30 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    },
  ] as const;
  const put = (rules: readonly LifecycleRule[]) =>
    local.s3.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [...rules] } }),
    );
  await put(Rules);
  const read = () => local.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect((await read()).Rules).toEqual(Rules);
  await expect(
    put([{ Status: "Enabled", Transitions: [{ Days: 1, StorageClass: "GLACIER" }] }]),
  ).rejects.toMatchObject({ name: "NotImplemented" });
  await local.s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
  await expect(read()).rejects.toMatchObject({ name: "NoSuchLifecycleConfiguration" });
});

test("what a put asks for and the local cloud does not do is refused by name", async () => {
  await expect(put("tagged", "x", { Tagging: "a=1" })).rejects.toMatchObject({ name: "NotImplemented" });
  await expect(put("public", "x", { ACL: "public-read" })).rejects.toMatchObject({
    name: "AccessControlListNotSupported",
  });
  await expect(put("cold", "x", { StorageClass: "GLACIER" })).rejects.toMatchObject({
    name: "InvalidStorageClass",
  });
});

test("a link that was signed, in the newer or the older way, gets its object", async () => {
  await put("linked", "by a link");
  for (const signature of [
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Expires=60&X-Amz-Signature=b",
    "AWSAccessKeyId=a&Signature=b&Expires=1893456000",
  ])
    expect(await (await fetch(`${local.url}/${Bucket}/linked?${signature}`)).text()).toBe("by a link");
});
