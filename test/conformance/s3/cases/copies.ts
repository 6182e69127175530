import { CopyObjectCommand, type CopyObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import type { Case } from "../../harness/case.ts";
import { API, get, newBucket, outcome, put } from "../outcome.ts";

const COPY = `${API}API_CopyObject.html`;
const PAST = new globalThis.Date(1_000_000_000_000);
const OTHER = '"00000000000000000000000000000000"';

/** Copies an object with headers and metadata, and reads the copy. */
const copied =
  (more: (etag: string | undefined) => Partial<CopyObjectCommandInput>) =>
  async (s3: S3Client): Promise<unknown> => {
    const Bucket = await newBucket(s3);
    const stored = { ContentType: "text/csv", Metadata: { made: "first" } };
    const { ETag } = await put(s3, Bucket, "from", "hello", stored);
    const copy = { Bucket, Key: "to", CopySource: `${Bucket}/from`, ...more(ETag) };
    const done = await outcome(s3.send(new CopyObjectCommand(copy)), ({ CopyObjectResult }) => ({
      isSame: CopyObjectResult?.ETag === ETag,
    }));
    if (done.status !== 200) return done;
    const { Body, ContentType, Metadata } = await get(s3, Bucket, "to");
    return { ...done, body: await Body?.transformToString(), ContentType, Metadata };
  };
const same = {
  status: 200,
  isSame: true,
  body: "hello",
  ContentType: "text/csv",
  Metadata: { made: "first" },
};
const failed = { status: 412, error: "PreconditionFailed" };

export const copies: readonly Case<S3Client>[] = [
  {
    name: "a copy has the source's bytes, headers and metadata",
    run: copied(() => ({})),
    aws: { is: same, source: COPY },
  },
  {
    name: "a copy has metadata of its own where they are replaced",
    run: copied(() => ({
      MetadataDirective: "REPLACE",
      ContentType: "text/plain",
      Metadata: { made: "second" },
    })),
    aws: { is: { ...same, ContentType: "text/plain", Metadata: { made: "second" } }, source: COPY },
  },
  {
    name: "metadata given with a copy that does not replace them are passed over",
    run: copied(() => ({ Metadata: { made: "second" } })),
    aws: { is: same, source: COPY },
  },
  {
    name: "a copy of a missing object is NoSuchKey",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      return outcome(s3.send(new CopyObjectCommand({ Bucket, Key: "to", CopySource: `${Bucket}/none` })));
    },
    aws: { is: { status: 404, error: "NoSuchKey" }, source: COPY },
  },
  {
    name: "a source may be percent-encoded and have a slash in front",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "a b/ü", "hello");
      const CopySource = `/${Bucket}/${encodeURIComponent("a b/ü")}`;
      return outcome(s3.send(new CopyObjectCommand({ Bucket, Key: "to", CopySource })));
    },
    aws: { is: { status: 200 }, source: COPY },
  },
  {
    name: "an object cannot be copied onto itself without a change",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k");
      return outcome(s3.send(new CopyObjectCommand({ Bucket, Key: "k", CopySource: `${Bucket}/k` })));
    },
    aws: { is: { status: 400, error: "InvalidRequest" }, source: COPY },
  },
  {
    name: "an object can be copied onto itself to replace its metadata",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "x", { Metadata: { made: "first" } });
      const again = { MetadataDirective: "REPLACE", Metadata: { made: "again" } } as const;
      await s3.send(new CopyObjectCommand({ Bucket, Key: "k", CopySource: `${Bucket}/k`, ...again }));
      return outcome(get(s3, Bucket, "k"), ({ Metadata }) => ({ Metadata }));
    },
    aws: { is: { status: 200, Metadata: { made: "again" } }, source: COPY },
  },
  {
    name: "a copy goes by the source's ETag",
    run: async (s3) => ({
      same: await copied((CopySourceIfMatch) => ({ CopySourceIfMatch }))(s3),
      other: await copied(() => ({ CopySourceIfMatch: OTHER }))(s3),
      not: await copied((CopySourceIfNoneMatch) => ({ CopySourceIfNoneMatch }))(s3),
      notOther: await copied(() => ({ CopySourceIfNoneMatch: OTHER }))(s3),
    }),
    aws: { is: { same, other: failed, not: failed, notOther: same }, source: COPY },
  },
  {
    name: "a copy goes by the source's time",
    run: async (s3) => ({
      modified: await copied(() => ({ CopySourceIfModifiedSince: PAST }))(s3),
      unmodified: await copied(() => ({ CopySourceIfUnmodifiedSince: PAST }))(s3),
    }),
    aws: { is: { modified: same, unmodified: failed }, source: COPY },
  },
];
