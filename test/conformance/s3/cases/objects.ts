import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Case } from "../../harness/case.ts";
import { API, GUIDE, get, newBucket, outcome, put, text } from "../outcome.ts";
import { changed } from "../wire.ts";

const PUT = `${API}API_PutObject.html`;
const GET = `${API}API_GetObject.html`;
const HEAD = `${API}API_HeadObject.html`;
const DELETE = `${API}API_DeleteObject.html`;
const DELETES = `${API}API_DeleteObjects.html`;
const KEYS = `${GUIDE}object-keys.html`;
const METADATA = `${GUIDE}UsingMetadata.html`;
const ERRORS = `${API}ErrorResponses.html`;

/** Puts under a key and reads it back. */
const roundTrip = (Key: string) => async (s3: S3Client) => {
  const Bucket = await newBucket(s3);
  await put(s3, Bucket, Key, `body of ${Key}`);
  return text(s3, Bucket, Key);
};

export const objects: readonly Case<S3Client>[] = [
  {
    name: "an object's ETag is the MD5 of its bytes",
    run: async (s3) => outcome(put(s3, await newBucket(s3), "k", "hello"), ({ ETag }) => ({ ETag })),
    aws: {
      is: { status: 200, ETag: '"5d41402abc4b2a76b9719d911017c592"' },
      source: `${API}API_Object.html`,
    },
  },
  {
    name: "an object without bytes is an object",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "");
      return outcome(get(s3, Bucket, "k"), async ({ Body, ContentLength, ETag }) => ({
        body: await Body?.transformToString(),
        ContentLength,
        ETag,
      }));
    },
    aws: {
      is: { status: 200, body: "", ContentLength: 0, ETag: '"d41d8cd98f00b204e9800998ecf8427e"' },
      source: GET,
    },
  },
  {
    name: "a second put replaces body, headers and metadata",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "1", { ContentType: "text/plain", Metadata: { version: "1" } });
      await put(s3, Bucket, "k", "22", { ContentType: "text/csv" });
      return outcome(get(s3, Bucket, "k"), async ({ Body, ContentType, Metadata }) => ({
        body: await Body?.transformToString(),
        ContentType,
        Metadata,
      }));
    },
    aws: { is: { status: 200, body: "22", ContentType: "text/csv", Metadata: {} }, source: PUT },
  },
  {
    name: "system headers come back as they were put",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "x", {
        ContentType: "application/x-parquet",
        ContentEncoding: "gzip",
        ContentDisposition: 'attachment; filename="a.parquet"',
        ContentLanguage: "en-GB",
        CacheControl: "max-age=60",
        Expires: new globalThis.Date(1_893_456_000_000),
      });
      return outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "k" })), (head) => ({
        ContentType: head.ContentType,
        ContentEncoding: head.ContentEncoding,
        ContentDisposition: head.ContentDisposition,
        ContentLanguage: head.ContentLanguage,
        CacheControl: head.CacheControl,
        ExpiresString: head.ExpiresString,
      }));
    },
    aws: {
      is: {
        status: 200,
        ContentType: "application/x-parquet",
        ContentEncoding: "gzip",
        ContentDisposition: 'attachment; filename="a.parquet"',
        ContentLanguage: "en-GB",
        CacheControl: "max-age=60",
        ExpiresString: "Tue, 01 Jan 2030 00:00:00 GMT",
      },
      source: METADATA,
    },
  },
  {
    name: "names of user metadata come back in lower case",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "x", { Metadata: { Version: "7", "Made-By": "a test" } });
      return outcome(get(s3, Bucket, "k"), ({ Metadata }) => ({ Metadata }));
    },
    aws: { is: { status: 200, Metadata: { version: "7", "made-by": "a test" } }, source: METADATA },
  },
  {
    name: "2 KB of user metadata are taken, and not more",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const of = (bytes: number) =>
        outcome(put(s3, Bucket, "k", "x", { Metadata: { m: "x".repeat(bytes - 1) } }));
      return { most: await of(2_048), more: await of(2_049) };
    },
    aws: {
      is: { most: { status: 200 }, more: { status: 400, error: "MetadataTooLarge" } },
      source: METADATA,
    },
  },
  {
    name: "an object that was put without a type is binary/octet-stream",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await changed(s3, { drop: ["content-type"] }, (client) => put(client, Bucket, "k"));
      return outcome(get(s3, Bucket, "k"), ({ ContentType }) => ({ ContentType }));
    },
    aws: { is: { status: 200, ContentType: "binary/octet-stream" }, source: METADATA },
  },
  {
    name: "a read may ask for other headers than the stored ones",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "x", { ContentType: "text/plain", CacheControl: "no-store" });
      const asked = {
        ResponseContentType: "text/csv",
        ResponseCacheControl: "max-age=1",
        ResponseContentDisposition: "attachment",
        ResponseContentEncoding: "br",
        ResponseContentLanguage: "de",
      };
      return outcome(get(s3, Bucket, "k", asked), (got) => ({
        ContentType: got.ContentType,
        CacheControl: got.CacheControl,
        ContentDisposition: got.ContentDisposition,
        ContentEncoding: got.ContentEncoding,
        ContentLanguage: got.ContentLanguage,
      }));
    },
    aws: {
      is: {
        status: 200,
        ContentType: "text/csv",
        CacheControl: "max-age=1",
        ContentDisposition: "attachment",
        ContentEncoding: "br",
        ContentLanguage: "de",
      },
      source: GET,
    },
  },
  {
    name: "a head has what a get has, without the body",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "hello", { Metadata: { a: "1" } });
      const pick = (of: GetObjectCommandOutput | HeadObjectCommandOutput) => ({
        ContentLength: of.ContentLength,
        ETag: of.ETag,
        Metadata: of.Metadata,
        AcceptRanges: of.AcceptRanges,
      });
      return {
        get: await outcome(get(s3, Bucket, "k"), pick),
        head: await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "k" })), pick),
      };
    },
  },
  {
    name: "a missing object is NoSuchKey to a get and a bare 404 to a head",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      return {
        get: await outcome(get(s3, Bucket, "none")),
        head: await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "none" }))),
      };
    },
    aws: {
      is: { get: { status: 404, error: "NoSuchKey" }, head: { status: 404, error: "NotFound" } },
      source: HEAD,
    },
  },
  {
    name: "an object in a missing bucket is NoSuchBucket",
    run: async (s3) => ({
      get: await outcome(get(s3, "case-of-no-bucket", "k")),
      put: await outcome(put(s3, "case-of-no-bucket", "k")),
    }),
    aws: {
      is: {
        get: { status: 404, error: "NoSuchBucket" },
        put: { status: 404, error: "NoSuchBucket" },
      },
      source: ERRORS,
    },
  },
  {
    name: "a key may have spaces, signs, percents and letters of any script",
    run: roundTrip("a b/ü+%20&=?#<>\"'*(1)/日本/😀"),
    aws: { is: "body of a b/ü+%20&=?#<>\"'*(1)/日本/😀", source: KEYS },
  },
  {
    name: "a key of 1,024 bytes is taken, and none that is longer",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const of = (bytes: number) => {
        const folders = `${"x".repeat(99)}/`.repeat(Math.floor(bytes / 100));
        return outcome(put(s3, Bucket, folders.padEnd(bytes, "y")));
      };
      return { most: await of(1_024), more: await of(1_025) };
    },
    aws: {
      is: { most: { status: 200 }, more: { status: 400, error: "KeyTooLongError" } },
      source: KEYS,
    },
  },
  {
    name: "an object that is not there can be deleted",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      return outcome(s3.send(new DeleteObjectCommand({ Bucket, Key: "none" })));
    },
    aws: { is: { status: 204 }, source: DELETE },
  },
  {
    name: "a deleted object is gone",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k");
      const deleted = await outcome(s3.send(new DeleteObjectCommand({ Bucket, Key: "k" })));
      return { deleted, get: await outcome(get(s3, Bucket, "k")) };
    },
    aws: { is: { deleted: { status: 204 }, get: { status: 404, error: "NoSuchKey" } }, source: DELETE },
  },
  {
    name: "a batch deletes what is there and what is not",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "a <&> b");
      const Objects = [{ Key: "a <&> b" }, { Key: "none" }];
      return outcome(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })), (output) => ({
        deleted: output.Deleted?.map(({ Key }) => Key),
        errors: output.Errors ?? [],
      }));
    },
    aws: { is: { status: 200, deleted: ["a <&> b", "none"], errors: [] }, source: DELETES },
  },
  {
    name: "a quiet batch says nothing of what it deleted",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k");
      const Delete = { Objects: [{ Key: "k" }], Quiet: true };
      return outcome(s3.send(new DeleteObjectsCommand({ Bucket, Delete })), ({ Deleted }) => ({
        deleted: Deleted ?? [],
      }));
    },
    aws: { is: { status: 200, deleted: [] }, source: DELETES },
  },
  {
    name: "a batch of more than 1,000 deletes is malformed",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const Objects = Array.from({ length: 1_001 }, (_, i) => ({ Key: `k${i}` }));
      return outcome(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })));
    },
    aws: { is: { status: 400, error: "MalformedXML" }, source: DELETES },
  },
  {
    name: "a batch that is no XML is malformed",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const Delete = { Objects: [{ Key: "k" }] };
      return changed(s3, { body: "<Delete><Object>", withMd5: true }, (client) =>
        outcome(client.send(new DeleteObjectsCommand({ Bucket, Delete }))),
      );
    },
    aws: { is: { status: 400, error: "MalformedXML" }, source: ERRORS },
  },
  {
    name: "a batch without a digest is refused",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const Delete = { Objects: [{ Key: "k" }] };
      return changed(s3, { drop: ["x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm"] }, (client) =>
        outcome(client.send(new DeleteObjectsCommand({ Bucket, Delete }))),
      );
    },
    aws: { is: { status: 400, error: "InvalidRequest" }, source: DELETES },
  },
  {
    name: "a write is read at once, and a delete too",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const seen: (string | undefined)[] = [];
      for (const body of ["1", "2", "3"]) {
        await put(s3, Bucket, "k", body);
        seen.push(await text(s3, Bucket, "k"));
      }
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
      return { seen, gone: (await outcome(get(s3, Bucket, "k"))).status };
    },
    aws: {
      is: { seen: ["1", "2", "3"], gone: 404 },
      source: `${GUIDE}Welcome.html#ConsistencyModel`,
    },
  },
];
