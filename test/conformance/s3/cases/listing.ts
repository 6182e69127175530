import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Case } from "../../harness/case.ts";
import { API, GUIDE, newBucket, outcome, put } from "../outcome.ts";

const LIST = `${API}API_ListObjectsV2.html`;
const PREFIXES = `${GUIDE}using-prefixes.html`;
const PHOTOS = ["photos/2006/January/a.jpg", "photos/2006/b.jpg", "photos/2007/c.jpg", "sample.jpg"];

const keysOf = ({ Contents = [] }: ListObjectsV2CommandOutput) => Contents.map(({ Key }) => Key);
const prefixesOf = ({ CommonPrefixes = [] }: ListObjectsV2CommandOutput) =>
  CommonPrefixes.map(({ Prefix }) => Prefix);

async function bucketOf(s3: S3Client, keys: readonly string[]): Promise<string> {
  const Bucket = await newBucket(s3);
  for (const key of keys) await put(s3, Bucket, key, key);
  return Bucket;
}

/** One page of a bucket that has these keys. */
const listed =
  (keys: readonly string[], input: Partial<ListObjectsV2CommandInput> = {}) =>
  async (s3: S3Client): Promise<unknown> => {
    const Bucket = await bucketOf(s3, keys);
    return outcome(s3.send(new ListObjectsV2Command({ Bucket, ...input })), (page) => ({
      keys: keysOf(page),
      prefixes: prefixesOf(page),
      KeyCount: page.KeyCount,
      IsTruncated: page.IsTruncated,
    }));
  };
const page = (keys: readonly string[], prefixes: readonly string[] = [], IsTruncated = false) => ({
  status: 200,
  keys,
  prefixes,
  KeyCount: keys.length + prefixes.length,
  IsTruncated,
});

/** All pages, one after the other: what each has. */
const paged =
  (keys: readonly string[], input: Partial<ListObjectsV2CommandInput>) =>
  async (s3: S3Client): Promise<unknown> => {
    const Bucket = await bucketOf(s3, keys);
    const pages: unknown[] = [];
    let ContinuationToken: string | undefined;
    do {
      const one = await s3.send(new ListObjectsV2Command({ Bucket, ...input, ContinuationToken }));
      pages.push([...keysOf(one), ...prefixesOf(one)]);
      ContinuationToken = one.NextContinuationToken;
    } while (ContinuationToken !== undefined && pages.length < 20);
    return pages;
  };

export const listing: readonly Case<S3Client>[] = [
  {
    name: "a bucket without objects lists nothing",
    run: listed([]),
    aws: { is: page([]), source: LIST },
  },
  {
    name: "keys are listed in the order of their UTF-8 bytes",
    run: listed(["b", "a/2", "B", "é", "a-1", "\uffee", "\u{1f600}", "a/1"]),
    aws: {
      is: page(["B", "a-1", "a/1", "a/2", "b", "é", "\uffee", "\u{1f600}"]),
      source: `${GUIDE}ListingKeysUsingAPIs.html`,
    },
  },
  {
    name: "a prefix takes the keys that begin with it",
    run: listed(PHOTOS, { Prefix: "photos/2006/" }),
    aws: { is: page(["photos/2006/January/a.jpg", "photos/2006/b.jpg"]), source: PREFIXES },
  },
  {
    name: "a prefix that no key has lists nothing",
    run: listed(PHOTOS, { Prefix: "videos/" }),
    aws: { is: page([]), source: PREFIXES },
  },
  {
    name: "a delimiter makes common prefixes of what has it",
    run: listed(PHOTOS, { Delimiter: "/" }),
    aws: { is: page(["sample.jpg"], ["photos/"]), source: PREFIXES },
  },
  {
    name: "with a prefix, common prefixes begin behind it",
    run: listed(PHOTOS, { Prefix: "photos/2006/", Delimiter: "/" }),
    aws: { is: page(["photos/2006/b.jpg"], ["photos/2006/January/"]), source: PREFIXES },
  },
  {
    name: "a delimiter may be any text",
    run: listed(["a--b", "a--c", "a-d", "e"], { Delimiter: "--" }),
    aws: { is: page(["a-d", "e"], ["a--"]), source: LIST },
  },
  {
    name: "start-after lists what comes behind a key, whether or not it is there",
    run: async (s3) => ({
      there: await listed(["a", "b", "c"], { StartAfter: "b" })(s3),
      between: await listed(["a", "b", "c"], { StartAfter: "aa" })(s3),
    }),
    aws: { is: { there: page(["c"]), between: page(["b", "c"]) }, source: LIST },
  },
  {
    name: "pages follow each other by their tokens without a gap",
    run: paged(["a", "b", "c", "d", "e"], { MaxKeys: 2 }),
    aws: { is: [["a", "b"], ["c", "d"], ["e"]], source: LIST },
  },
  {
    name: "a common prefix counts as one entry of a page, and comes once",
    run: paged(["a/1", "a/2", "b", "c/1", "c/2", "d"], { MaxKeys: 1, Delimiter: "/" }),
    aws: { is: [["a/"], ["b"], ["c/"], ["d"]], source: LIST },
  },
  {
    name: "a page that ends with the last key is not truncated",
    run: listed(["a", "b"], { MaxKeys: 2 }),
    aws: { is: page(["a", "b"]), source: LIST },
  },
  {
    name: "a page says that it is truncated, and how many keys it may have",
    run: async (s3) => {
      const Bucket = await bucketOf(s3, ["a", "b"]);
      return outcome(s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 })), (one) => ({
        keys: keysOf(one),
        MaxKeys: one.MaxKeys,
        IsTruncated: one.IsTruncated,
        hasToken: one.NextContinuationToken !== undefined,
      }));
    },
    aws: { is: { status: 200, keys: ["a"], MaxKeys: 1, IsTruncated: true, hasToken: true }, source: LIST },
  },
  {
    name: "a page of no keys is empty and not truncated",
    run: listed(["a", "b"], { MaxKeys: 0 }),
  },
  {
    name: "a page of more than 1,000 keys has 1,000",
    run: async (s3) => {
      const Bucket = await bucketOf(s3, ["a"]);
      return outcome(s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2_000 })), ({ MaxKeys }) => ({
        MaxKeys,
      }));
    },
    aws: { is: { status: 200, MaxKeys: 1_000 }, source: LIST },
  },
  {
    name: "a page of a negative number of keys is refused",
    run: async (s3) =>
      outcome(s3.send(new ListObjectsV2Command({ Bucket: await newBucket(s3), MaxKeys: -1 }))),
    aws: { is: { status: 400, error: "InvalidArgument" }, source: `${API}ErrorResponses.html` },
  },
  {
    name: "a token that is none is refused",
    run: async (s3) => {
      const Bucket = await bucketOf(s3, ["a"]);
      return outcome(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: "%%%" })));
    },
    aws: { is: { status: 400, error: "InvalidArgument" }, source: `${API}ErrorResponses.html` },
  },
  {
    name: "an entry has size, ETag, time and storage class, and its owner only on demand",
    run: async (s3) => {
      const Bucket = await bucketOf(s3, ["a"]);
      const entry = async (FetchOwner?: boolean) => {
        const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, FetchOwner }));
        const [one] = Contents;
        return {
          Size: one?.Size,
          ETag: one?.ETag,
          StorageClass: one?.StorageClass,
          hasTime: one?.LastModified !== undefined,
          hasOwner: one?.Owner?.ID !== undefined,
        };
      };
      return { plain: await entry(), withOwner: await entry(true) };
    },
    aws: {
      is: {
        plain: {
          Size: 1,
          ETag: '"0cc175b9c0f1b6a831c399e269772661"',
          StorageClass: "STANDARD",
          hasTime: true,
          hasOwner: false,
        },
        withOwner: {
          Size: 1,
          ETag: '"0cc175b9c0f1b6a831c399e269772661"',
          StorageClass: "STANDARD",
          hasTime: true,
          hasOwner: true,
        },
      },
      source: LIST,
    },
  },
  {
    name: "keys, prefixes and delimiters are percent-encoded where the encoding type is url",
    run: async (s3) => {
      const Bucket = await bucketOf(s3, ["ü(1)/a", "test_file(3).png"]);
      const asked = { Bucket, Delimiter: "/", EncodingType: "url" } as const;
      return outcome(s3.send(new ListObjectsV2Command(asked)), (one) => ({
        keys: keysOf(one),
        prefixes: prefixesOf(one),
        EncodingType: one.EncodingType,
      }));
    },
    aws: {
      is: { status: 200, keys: ["test_file%283%29.png"], prefixes: ["%C3%BC%281%29/"], EncodingType: "url" },
      source: LIST,
    },
  },
  {
    name: "a listing of a missing bucket is NoSuchBucket",
    run: async (s3) => outcome(s3.send(new ListObjectsV2Command({ Bucket: "case-of-no-bucket" }))),
    aws: { is: { status: 404, error: "NoSuchBucket" }, source: LIST },
  },
];
