import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Case } from "../../harness/case.ts";
import { API, GUIDE, newBucket, newUpload, outcome, put } from "../outcome.ts";

const CREATE = `${API}API_CreateBucket.html`;
const NAMES = `${GUIDE}bucketnamingrules.html`;

export const buckets: readonly Case<S3Client>[] = [
  {
    name: "a bucket that one has already may be made again in us-east-1",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k");
      return outcome(s3.send(new CreateBucketCommand({ Bucket })));
    },
    aws: { is: { status: 200 }, source: CREATE },
  },
  {
    name: "a bucket's name has 3 to 63 small letters, digits, dots and hyphens",
    run: async (s3) => {
      const seen: Record<string, unknown> = {};
      for (const Bucket of ["ab", "Upper", "under_score", "-front", "x".repeat(64)])
        seen[Bucket] = await outcome(s3.send(new CreateBucketCommand({ Bucket })));
      return seen;
    },
    aws: {
      is: Object.fromEntries(
        ["ab", "Upper", "under_score", "-front", "x".repeat(64)].map((name) => [
          name,
          { status: 400, error: "InvalidBucketName" },
        ]),
      ),
      source: NAMES,
    },
  },
  {
    name: "a head tells whether a bucket is there, and its region",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const head = (name: string) =>
        outcome(s3.send(new HeadBucketCommand({ Bucket: name })), ({ BucketRegion }) => ({ BucketRegion }));
      return { there: await head(Bucket), missing: await head("case-of-no-bucket") };
    },
    aws: {
      is: {
        there: { status: 200, BucketRegion: "us-east-1" },
        missing: { status: 404, error: "NotFound" },
      },
      source: `${API}API_HeadBucket.html`,
    },
  },
  {
    name: "a bucket in us-east-1 has no location constraint",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      return outcome(s3.send(new GetBucketLocationCommand({ Bucket })), ({ LocationConstraint }) => ({
        location: LocationConstraint || null,
      }));
    },
    aws: { is: { status: 200, location: null }, source: `${API}API_GetBucketLocation.html` },
  },
  {
    name: "a bucket with objects is not deleted, and one without is",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k");
      const full = await outcome(s3.send(new DeleteBucketCommand({ Bucket })));
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
      const empty = await outcome(s3.send(new DeleteBucketCommand({ Bucket })));
      return { full, empty, gone: await outcome(s3.send(new HeadBucketCommand({ Bucket }))) };
    },
    aws: {
      is: {
        full: { status: 409, error: "BucketNotEmpty" },
        empty: { status: 204 },
        gone: { status: 404, error: "NotFound" },
      },
      source: `${API}API_DeleteBucket.html`,
    },
  },
  {
    name: "a bucket goes with its unfinished uploads",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await newUpload(s3, Bucket, "k", [3]);
      return outcome(s3.send(new DeleteBucketCommand({ Bucket })));
    },
  },
  {
    name: "a missing bucket cannot be deleted",
    run: (s3) => outcome(s3.send(new DeleteBucketCommand({ Bucket: "case-of-no-bucket" }))),
    aws: { is: { status: 404, error: "NoSuchBucket" }, source: `${API}API_DeleteBucket.html` },
  },
  {
    name: "buckets are listed by name, under a prefix and in pages",
    run: async (s3) => {
      const Prefix = await newBucket(s3);
      for (const end of ["-c", "-a", "-b"])
        await s3.send(new CreateBucketCommand({ Bucket: `${Prefix}${end}` }));
      const names = (page: { Buckets?: { Name?: string | undefined }[] | undefined }) =>
        (page.Buckets ?? []).map(({ Name }) => Name?.slice(Prefix.length));
      const first = await s3.send(new ListBucketsCommand({ Prefix, MaxBuckets: 3 }));
      const { ContinuationToken } = first;
      const second = await s3.send(new ListBucketsCommand({ Prefix, ContinuationToken }));
      return [names(first), names(second)];
    },
    aws: { is: [["", "-a", "-b"], ["-c"]], source: `${API}API_ListBuckets.html` },
  },
];
