import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Case } from "../../harness/case.ts";
import { API, GUIDE, get, newBucket, newUpload, outcome, put, text } from "../outcome.ts";

const WRITES = `${GUIDE}conditional-writes.html`;
const DELETES = `${GUIDE}conditional-deletes.html`;
const GET = `${API}API_GetObject.html`;
const OTHER = '"00000000000000000000000000000000"';
const PAST = new globalThis.Date(1_000_000_000_000);
const FUTURE = new globalThis.Date(4_000_000_000_000);
const failed = { status: 412, error: "PreconditionFailed" };

/** Asks for an object under conditions made of its ETag. */
const read =
  (conditions: (etag: string | undefined) => object) =>
  async (s3: S3Client): Promise<unknown> => {
    const Bucket = await newBucket(s3);
    const { ETag } = await put(s3, Bucket, "k");
    const asked = conditions(ETag);
    const got = await outcome(get(s3, Bucket, "k", asked));
    const head = await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "k", ...asked })));
    return { get: got, head: head.status };
  };
const both = (status: number, error?: string) => ({
  get: error === undefined ? { status } : { status, error },
  head: status,
});

export const conditions: readonly Case<S3Client>[] = [
  {
    name: "If-None-Match * puts where nothing is, and is refused where something is",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const first = await outcome(put(s3, Bucket, "k", "1", { IfNoneMatch: "*" }));
      const second = await outcome(put(s3, Bucket, "k", "2", { IfNoneMatch: "*" }));
      return { first, second, body: await text(s3, Bucket, "k") };
    },
    aws: { is: { first: { status: 200 }, second: failed, body: "1" }, source: WRITES },
  },
  {
    name: "If-None-Match * puts again once the object was deleted",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k");
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
      return outcome(put(s3, Bucket, "k", "2", { IfNoneMatch: "*" }));
    },
    aws: { is: { status: 200 }, source: WRITES },
  },
  {
    name: "of many puts with If-None-Match * at once one wins, and the others are refused",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const puts = Array.from({ length: 8 }, (_, i) =>
        outcome(put(s3, Bucket, "k", String(i), { IfNoneMatch: "*" })),
      );
      const statuses = (await Promise.all(puts)).map(({ status }) => status);
      return {
        won: statuses.filter((s) => s === 200).length,
        lost: statuses.filter((s) => s === 412).length,
      };
    },
    aws: { is: { won: 1, lost: 7 }, source: WRITES },
  },
  {
    name: "If-Match puts over the object of that ETag only",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const { ETag: IfMatch } = await put(s3, Bucket, "k", "1");
      const first = await outcome(put(s3, Bucket, "k", "2", { IfMatch }));
      const second = await outcome(put(s3, Bucket, "k", "3", { IfMatch }));
      return { first, second, body: await text(s3, Bucket, "k") };
    },
    aws: { is: { first: { status: 200 }, second: failed, body: "2" }, source: WRITES },
  },
  {
    name: "If-Match without an object is no such key",
    run: async (s3) => outcome(put(s3, await newBucket(s3), "k", "1", { IfMatch: OTHER })),
    aws: { is: { status: 404, error: "NoSuchKey" }, source: WRITES },
  },
  {
    name: "an ETag without its quotes is the same ETag",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const { ETag = "" } = await put(s3, Bucket, "k", "1");
      return outcome(put(s3, Bucket, "k", "2", { IfMatch: ETag.replaceAll('"', "") }));
    },
    aws: { is: { status: 200 }, source: WRITES },
  },
  {
    name: "a multipart upload with If-None-Match * is refused where something is",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const upload = await newUpload(s3, Bucket, "k", [3]);
      await put(s3, Bucket, "k", "first");
      const refused = await outcome(
        s3.send(new CompleteMultipartUploadCommand({ ...upload, IfNoneMatch: "*" })),
      );
      return { refused, body: await text(s3, Bucket, "k") };
    },
    aws: { is: { refused: failed, body: "first" }, source: WRITES },
  },
  {
    name: "a multipart upload in progress is no object to If-None-Match *",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await newUpload(s3, Bucket, "k", [3]);
      return outcome(put(s3, Bucket, "k", "first", { IfNoneMatch: "*" }));
    },
    aws: { is: { status: 200 }, source: WRITES },
  },
  {
    name: "a multipart upload with If-Match replaces the object of that ETag only",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const { ETag } = await put(s3, Bucket, "k", "first");
      const upload = await newUpload(s3, Bucket, "k", [3]);
      const complete = (IfMatch?: string) =>
        outcome(s3.send(new CompleteMultipartUploadCommand({ ...upload, IfMatch })));
      return { other: await complete(OTHER), same: await complete(ETag) };
    },
    aws: { is: { other: failed, same: { status: 200 } }, source: WRITES },
  },
  {
    name: "a copy with If-None-Match * is refused where something is",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "from");
      const copy = () =>
        outcome(
          s3.send(
            new CopyObjectCommand({ Bucket, Key: "to", CopySource: `${Bucket}/from`, IfNoneMatch: "*" }),
          ),
        );
      return { first: await copy(), second: await copy() };
    },
    aws: { is: { first: { status: 200 }, second: failed }, source: WRITES },
  },
  {
    name: "a copy with If-Match replaces the object of that ETag only",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "from", "1");
      const { ETag } = await put(s3, Bucket, "to", "2");
      const copy = (IfMatch?: string) =>
        outcome(s3.send(new CopyObjectCommand({ Bucket, Key: "to", CopySource: `${Bucket}/from`, IfMatch })));
      return { other: await copy(OTHER), same: await copy(ETag) };
    },
    aws: { is: { other: failed, same: { status: 200 } }, source: WRITES },
  },
  {
    name: "a delete with If-Match takes the object of that ETag only",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const { ETag } = await put(s3, Bucket, "k");
      const remove = (IfMatch?: string) =>
        outcome(s3.send(new DeleteObjectCommand({ Bucket, Key: "k", IfMatch })));
      return { other: await remove(OTHER), same: await remove(ETag) };
    },
    aws: { is: { other: failed, same: { status: 204 } }, source: DELETES },
  },
  {
    name: "a delete with If-Match * takes any object",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k");
      return outcome(s3.send(new DeleteObjectCommand({ Bucket, Key: "k", IfMatch: "*" })));
    },
    aws: { is: { status: 204 }, source: DELETES },
  },
  {
    name: "a batch of deletes goes by the ETag of each object",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const { ETag } = await put(s3, Bucket, "same");
      await put(s3, Bucket, "other");
      const Objects = [
        { Key: "same", ETag },
        { Key: "other", ETag: OTHER },
      ];
      return outcome(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })), (output) => ({
        deleted: output.Deleted?.map(({ Key }) => Key),
        errors: output.Errors?.map(({ Key, Code }) => ({ Key, Code })),
      }));
    },
    aws: {
      is: { status: 200, deleted: ["same"], errors: [{ Key: "other", Code: "PreconditionFailed" }] },
      source: DELETES,
    },
  },
  {
    name: "a read with If-Match gets the object of that ETag",
    run: read((IfMatch) => ({ IfMatch })),
    aws: { is: both(200), source: GET },
  },
  {
    name: "a read with If-Match of another ETag is refused",
    run: read(() => ({ IfMatch: OTHER })),
    aws: { is: both(412, "PreconditionFailed"), source: GET },
  },
  {
    name: "a read with If-None-Match of the same ETag is not modified",
    run: async (s3) => {
      const { get: got, head } = (await read((IfNoneMatch) => ({ IfNoneMatch }))(s3)) as ReturnType<
        typeof both
      >;
      return [got.status, head];
    },
    aws: { is: [304, 304], source: GET },
  },
  {
    name: "a read with If-None-Match of another ETag gets the object",
    run: read(() => ({ IfNoneMatch: OTHER })),
    aws: { is: both(200), source: GET },
  },
  {
    name: "a read with If-Modified-Since the object's own time is not modified",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k");
      const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
      return (await outcome(get(s3, Bucket, "k", { IfModifiedSince: LastModified }))).status;
    },
    aws: { is: 304, source: GET },
  },
  {
    name: "a read with If-Modified-Since an earlier time gets the object",
    run: read(() => ({ IfModifiedSince: PAST })),
    aws: { is: both(200), source: GET },
  },
  {
    name: "a read with If-Unmodified-Since an earlier time is refused",
    run: read(() => ({ IfUnmodifiedSince: PAST })),
    aws: { is: both(412, "PreconditionFailed"), source: GET },
  },
  {
    name: "a read with If-Unmodified-Since a later time gets the object",
    run: read(() => ({ IfUnmodifiedSince: FUTURE })),
    aws: { is: both(200), source: GET },
  },
  {
    name: "an If-Match that holds goes before an If-Unmodified-Since that does not",
    run: read((IfMatch) => ({ IfMatch, IfUnmodifiedSince: PAST })),
    aws: { is: both(200), source: GET },
  },
  {
    name: "an If-None-Match that does not hold goes before an If-Modified-Since that does",
    run: async (s3) => {
      const asked = read((IfNoneMatch) => ({ IfNoneMatch, IfModifiedSince: PAST }));
      return ((await asked(s3)) as ReturnType<typeof both>).head;
    },
    aws: { is: 304, source: GET },
  },
];
