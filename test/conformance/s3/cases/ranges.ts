import { HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Case } from "../../harness/case.ts";
import { API, get, newBucket, outcome, put } from "../outcome.ts";

const GET = `${API}API_GetObject.html`;
const ERRORS = `${API}ErrorResponses.html`;

/** What a range of ten digits is. */
const range =
  (Range: string, body = "0123456789") =>
  async (s3: S3Client): Promise<unknown> => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "k", body);
    return outcome(get(s3, Bucket, "k", { Range }), async ({ Body, ContentRange, ContentLength }) => ({
      body: await Body?.transformToString(),
      ContentRange,
      ContentLength,
    }));
  };
const part = (body: string, ContentRange: string) => ({
  status: 206,
  body,
  ContentRange,
  ContentLength: body.length,
});
const whole = { status: 200, body: "0123456789", ContentRange: undefined, ContentLength: 10 };
const unsatisfiable = { status: 416, error: "InvalidRange" };

export const ranges: readonly Case<S3Client>[] = [
  {
    name: "a range has its first and its last byte",
    run: range("bytes=2-4"),
    aws: { is: part("234", "bytes 2-4/10"), source: GET },
  },
  {
    name: "a range of one byte",
    run: range("bytes=0-0"),
    aws: { is: part("0", "bytes 0-0/10"), source: GET },
  },
  {
    name: "a range without an end goes to the end",
    run: range("bytes=7-"),
    aws: { is: part("789", "bytes 7-9/10"), source: GET },
  },
  {
    name: "a range that ends behind the object ends with it",
    run: range("bytes=8-99"),
    aws: { is: part("89", "bytes 8-9/10"), source: GET },
  },
  {
    name: "a range of all bytes is a part all the same",
    run: range("bytes=0-9"),
    aws: { is: part("0123456789", "bytes 0-9/10"), source: GET },
  },
  {
    name: "a range without a beginning is the last bytes",
    run: range("bytes=-3"),
    aws: { is: part("789", "bytes 7-9/10"), source: GET },
  },
  {
    name: "a range of more last bytes than there are is the object",
    run: range("bytes=-20"),
    aws: { is: part("0123456789", "bytes 0-9/10"), source: GET },
  },
  {
    name: "a range of no last bytes is not satisfiable",
    run: range("bytes=-0"),
    aws: { is: unsatisfiable, source: ERRORS },
  },
  {
    name: "a range behind the end is not satisfiable",
    run: range("bytes=10-"),
    aws: { is: unsatisfiable, source: ERRORS },
  },
  {
    name: "a range of an object without bytes is not satisfiable",
    run: range("bytes=0-", ""),
    aws: { is: unsatisfiable, source: ERRORS },
  },
  {
    name: "a range whose end comes first is no range",
    run: range("bytes=4-2"),
    aws: { is: whole, source: GET },
  },
  {
    name: "a range of another unit is no range",
    run: range("lines=1-2"),
    aws: { is: whole, source: GET },
  },
  {
    name: "two ranges at once are not served",
    run: range("bytes=0-1,4-5"),
    aws: { is: whole, source: GET },
  },
  {
    name: "a head with a range says how long the range is",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "0123456789");
      const head = new HeadObjectCommand({ Bucket, Key: "k", Range: "bytes=2-4" });
      return outcome(s3.send(head), ({ ContentLength, ContentRange }) => ({ ContentLength, ContentRange }));
    },
    aws: {
      is: { status: 206, ContentLength: 3, ContentRange: "bytes 2-4/10" },
      source: `${API}API_HeadObject.html`,
    },
  },
  {
    name: "a range is looked at after the conditions",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "k", "0123456789");
      return outcome(get(s3, Bucket, "k", { Range: "bytes=20-", IfMatch: '"other"' }));
    },
    aws: { is: { status: 412, error: "PreconditionFailed" }, source: GET },
  },
];
