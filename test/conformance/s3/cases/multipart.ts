import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { Case } from "../../harness/case.ts";
import { API, GUIDE, get, MIB, newBucket, newUpload, outcome, put, text } from "../outcome.ts";

const CREATE = `${API}API_CreateMultipartUpload.html`;
const UPLOAD = `${API}API_UploadPart.html`;
const COPY = `${API}API_UploadPartCopy.html`;
const COMPLETE = `${API}API_CompleteMultipartUpload.html`;
const LIST_PARTS = `${API}API_ListParts.html`;
const LIST_UPLOADS = `${API}API_ListMultipartUploads.html`;
const LIMITS = `${GUIDE}qfacts.html`;

export const multipart: readonly Case<S3Client>[] = [
  {
    name: "parts are put together in order, under an ETag made of theirs",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const upload = await newUpload(s3, Bucket, "k", [5 * MIB, 3]);
      const done = await outcome(s3.send(new CompleteMultipartUploadCommand(upload)), ({ ETag }) => ({
        ETag,
      }));
      const end = await get(s3, Bucket, "k", { Range: `bytes=${5 * MIB - 1}-` });
      return { done, end: await end.Body?.transformToString() };
    },
    aws: {
      is: { done: { status: 200, ETag: '"06a6ca67e53064f3f30a42ee29a62f5d-2"' }, end: "abbb" },
      source: COMPLETE,
    },
  },
  {
    name: "what is said of the object when the upload begins comes back with the object",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const said = { ContentType: "text/csv", CacheControl: "no-store", Metadata: { made: "in parts" } };
      const upload = await newUpload(s3, Bucket, "k", [3], said);
      await s3.send(new CompleteMultipartUploadCommand(upload));
      return outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "k" })), (head) => ({
        ContentType: head.ContentType,
        CacheControl: head.CacheControl,
        Metadata: head.Metadata,
      }));
    },
    aws: {
      is: { status: 200, ContentType: "text/csv", CacheControl: "no-store", Metadata: { made: "in parts" } },
      source: CREATE,
    },
  },
  {
    name: "an object is not there before its upload is completed",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await newUpload(s3, Bucket, "k", [3]);
      return outcome(get(s3, Bucket, "k"));
    },
    aws: { is: { status: 404, error: "NoSuchKey" }, source: `${GUIDE}mpuoverview.html` },
  },
  {
    name: "each part but the last has 5 MiB",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const upload = await newUpload(s3, Bucket, "k", [5 * MIB - 1, 3]);
      return outcome(s3.send(new CompleteMultipartUploadCommand(upload)));
    },
    aws: { is: { status: 400, error: "EntityTooSmall" }, source: LIMITS },
  },
  {
    name: "parts out of order are refused",
    run: async (s3) => {
      const upload = await newUpload(s3, await newBucket(s3), "k", [5 * MIB, 5 * MIB]);
      const Parts = [...upload.MultipartUpload.Parts].reverse();
      return outcome(s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })));
    },
    aws: { is: { status: 400, error: "InvalidPartOrder" }, source: COMPLETE },
  },
  {
    name: "a part with another ETag, or that was never uploaded, is refused",
    run: async (s3) => {
      const upload = await newUpload(s3, await newBucket(s3), "k", [3]);
      const complete = (part: { PartNumber: number; ETag: string }) =>
        outcome(
          s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [part] } })),
        );
      const ETag = '"00000000000000000000000000000000"';
      return {
        other: await complete({ PartNumber: 1, ETag }),
        none: await complete({ PartNumber: 2, ETag }),
      };
    },
    aws: {
      is: {
        other: { status: 400, error: "InvalidPart" },
        none: { status: 400, error: "InvalidPart" },
      },
      source: COMPLETE,
    },
  },
  {
    name: "an upload cannot be completed without parts",
    run: async (s3) => {
      const upload = await newUpload(s3, await newBucket(s3), "k", [3]);
      return outcome(
        s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [] } })),
      );
    },
    aws: { is: { status: 400, error: "MalformedXML" }, source: COMPLETE },
  },
  {
    name: "a part that is uploaded again replaces the one before",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const upload = await newUpload(s3, Bucket, "k", [3]);
      const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "second" }));
      const Parts = [{ PartNumber: 1, ETag }];
      await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
      return text(s3, Bucket, "k");
    },
    aws: { is: "second", source: UPLOAD },
  },
  {
    name: "parts that are not listed are left out, and numbers may have gaps",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const upload = await newUpload(s3, Bucket, "k", []);
      for (const PartNumber of [2, 9])
        await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body: `part ${PartNumber}` }));
      const { Parts = [] } = await s3.send(new ListPartsCommand(upload));
      const last = { PartNumber: 9, ETag: Parts.find(({ PartNumber }) => PartNumber === 9)?.ETag };
      await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [last] } }));
      return text(s3, Bucket, "k");
    },
    aws: { is: "part 9", source: COMPLETE },
  },
  {
    name: "numbers of parts go from 1 to 10,000",
    run: async (s3) => {
      const upload = await newUpload(s3, await newBucket(s3), "k", []);
      const part = (PartNumber: number) =>
        outcome(s3.send(new UploadPartCommand({ ...upload, PartNumber, Body: "x" })));
      return { least: await part(0), most: await part(10_000), more: await part(10_001) };
    },
    aws: {
      is: {
        least: { status: 400, error: "InvalidArgument" },
        most: { status: 200 },
        more: { status: 400, error: "InvalidArgument" },
      },
      source: LIMITS,
    },
  },
  {
    name: "an aborted upload is gone with its parts",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      const upload = await newUpload(s3, Bucket, "k", [3]);
      const aborted = await outcome(s3.send(new AbortMultipartUploadCommand(upload)));
      return {
        aborted,
        part: await outcome(s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "x" }))),
        parts: await outcome(s3.send(new ListPartsCommand(upload))),
        complete: await outcome(s3.send(new CompleteMultipartUploadCommand(upload))),
        again: await outcome(s3.send(new AbortMultipartUploadCommand(upload))),
      };
    },
    aws: {
      is: {
        aborted: { status: 204 },
        part: { status: 404, error: "NoSuchUpload" },
        parts: { status: 404, error: "NoSuchUpload" },
        complete: { status: 404, error: "NoSuchUpload" },
        again: { status: 404, error: "NoSuchUpload" },
      },
      source: `${API}API_AbortMultipartUpload.html`,
    },
  },
  {
    name: "an upload belongs to its key",
    run: async (s3) => {
      const upload = await newUpload(s3, await newBucket(s3), "k", []);
      return outcome(s3.send(new UploadPartCommand({ ...upload, Key: "other", PartNumber: 1, Body: "x" })));
    },
    aws: { is: { status: 404, error: "NoSuchUpload" }, source: UPLOAD },
  },
  {
    name: "parts are listed by number, in pages",
    run: async (s3) => {
      const upload = await newUpload(s3, await newBucket(s3), "k", [1, 2, 3]);
      const first = await s3.send(new ListPartsCommand({ ...upload, MaxParts: 2 }));
      const second = await s3.send(
        new ListPartsCommand({ ...upload, PartNumberMarker: first.NextPartNumberMarker }),
      );
      const of = (page: typeof first) => ({
        parts: page.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
        IsTruncated: page.IsTruncated,
      });
      return { first: of(first), second: of(second), next: first.NextPartNumberMarker };
    },
    aws: {
      is: {
        first: {
          parts: [
            [1, 1],
            [2, 2],
          ],
          IsTruncated: true,
        },
        second: { parts: [[3, 3]], IsTruncated: false },
        next: "2",
      },
      source: LIST_PARTS,
    },
  },
  {
    name: "uploads are listed by key, under a prefix and with common prefixes",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      for (const key of ["b", "a/1", "a/2", "c/3"]) await newUpload(s3, Bucket, key, []);
      const list = async (more: object) => {
        const page = await s3.send(new ListMultipartUploadsCommand({ Bucket, ...more }));
        return {
          uploads: (page.Uploads ?? []).map(({ Key }) => Key),
          prefixes: (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
        };
      };
      return {
        all: await list({}),
        under: await list({ Prefix: "a/" }),
        delimited: await list({ Delimiter: "/" }),
      };
    },
    aws: {
      is: {
        all: { uploads: ["a/1", "a/2", "b", "c/3"], prefixes: [] },
        under: { uploads: ["a/1", "a/2"], prefixes: [] },
        delimited: { uploads: ["b"], prefixes: ["a/", "c/"] },
      },
      source: LIST_UPLOADS,
    },
  },
  {
    name: "uploads are listed in pages by their markers",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      for (const key of ["a", "b", "c"]) await newUpload(s3, Bucket, key, []);
      const first = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 2 }));
      const markers = { KeyMarker: first.NextKeyMarker, UploadIdMarker: first.NextUploadIdMarker };
      const second = await s3.send(new ListMultipartUploadsCommand({ Bucket, ...markers }));
      return [first, second].map(({ Uploads, IsTruncated }) => ({
        uploads: Uploads?.map(({ Key }) => Key),
        IsTruncated,
      }));
    },
    aws: {
      is: [
        { uploads: ["a", "b"], IsTruncated: true },
        { uploads: ["c"], IsTruncated: false },
      ],
      source: LIST_UPLOADS,
    },
  },
  {
    name: "a completed or aborted upload is not listed any more",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await s3.send(new CompleteMultipartUploadCommand(await newUpload(s3, Bucket, "a", [3])));
      await s3.send(new AbortMultipartUploadCommand(await newUpload(s3, Bucket, "b", [3])));
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
      return Uploads.length;
    },
    aws: { is: 0, source: LIST_UPLOADS },
  },
  {
    name: "a read by part number gets that part, and says how many there are",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await s3.send(new CompleteMultipartUploadCommand(await newUpload(s3, Bucket, "k", [5 * MIB, 3])));
      return outcome(get(s3, Bucket, "k", { PartNumber: 2 }), async (part) => ({
        body: await part.Body?.transformToString(),
        ContentRange: part.ContentRange,
        PartsCount: part.PartsCount,
      }));
    },
    aws: {
      is: { status: 206, body: "bbb", ContentRange: "bytes 5242880-5242882/5242883", PartsCount: 2 },
      source: `${API}API_GetObject.html`,
    },
  },
  {
    name: "a part number that an object does not have is not satisfiable",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await s3.send(new CompleteMultipartUploadCommand(await newUpload(s3, Bucket, "k", [3])));
      return (await outcome(get(s3, Bucket, "k", { PartNumber: 2 }))).status;
    },
    aws: { is: 416, source: `${API}API_GetObject.html` },
  },
  {
    name: "a part can be copied from an object, or from a range of it",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "from", "0123456789");
      const upload = await newUpload(s3, Bucket, "k", []);
      const source = { ...upload, CopySource: `${Bucket}/from`, PartNumber: 1 };
      const copied = await s3.send(new UploadPartCopyCommand({ ...source, CopySourceRange: "bytes=2-4" }));
      const Parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }];
      await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
      return text(s3, Bucket, "k");
    },
    aws: { is: "234", source: COPY },
  },
  {
    name: "a range to copy must lie in its source",
    run: async (s3) => {
      const Bucket = await newBucket(s3);
      await put(s3, Bucket, "from", "0123456789");
      const upload = await newUpload(s3, Bucket, "k", []);
      const source = { ...upload, CopySource: `${Bucket}/from`, PartNumber: 1 };
      return outcome(s3.send(new UploadPartCopyCommand({ ...source, CopySourceRange: "bytes=8-10" })));
    },
    aws: { is: { status: 400, error: "InvalidArgument" }, source: COPY },
  },
  {
    name: "an upload to a missing bucket is NoSuchBucket",
    run: async (s3) =>
      outcome(s3.send(new CreateMultipartUploadCommand({ Bucket: "case-of-no-bucket", Key: "k" }))),
    aws: { is: { status: 404, error: "NoSuchBucket" }, source: CREATE },
  },
];
