import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { S3Model } from "../../../../local/models/s3/s3-model.ts";
import { ManualClock } from "../manual-clock.ts";

const Bucket = "lake";

function withBucket(): S3Model {
  const s3 = new S3Model({ clock: new ManualClock() });
  s3.createBucket({ Bucket });
  return s3;
}

const anyKey = fc.string({
  unit: fc.constantFrom("a", "b", "/", "\uffee", "\u{1F600}"),
  minLength: 1,
  maxLength: 5,
});

property.prop([
  fc.uniqueArray(anyKey, { maxLength: 30 }),
  anyKey,
  fc.constantFrom("", "/"),
  fc.integer({ min: 1, max: 4 }),
])(
  "a paged listing has the keys and common prefixes of the definition, in the order of their bytes",
  (keys, someKey, Delimiter, MaxKeys) => {
    const s3 = withBucket();
    for (const Key of keys) s3.putObject({ Bucket, Key, Body: new Uint8Array() });
    const Prefix = someKey.slice(0, 1);
    const entries = keys
      .filter((key) => key.startsWith(Prefix))
      .map((key) => {
        const cut = Delimiter === "" ? -1 : key.indexOf(Delimiter, Prefix.length);
        return cut < 0 ? key : key.slice(0, cut + 1);
      });
    const expected = [...new Set(entries)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = s3.listObjectsV2({ Bucket, Prefix, Delimiter, MaxKeys, ContinuationToken });
      expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
      const names = [...page.Contents.map((o) => o.Key), ...page.CommonPrefixes.map((p) => p.Prefix)];
      found.push(...names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(found).toEqual(expected);
  },
);

property.prop([
  fc.array(anyKey, { maxLength: 20 }),
  anyKey,
  fc.constantFrom("", "/"),
  fc.integer({ min: 1, max: 4 }),
])(
  "paged uploads have the keys and common prefixes of the definition",
  (keys, someKey, Delimiter, MaxUploads) => {
    const s3 = withBucket();
    const ids = keys.map((Key) => s3.createMultipartUpload({ Bucket, Key }).UploadId);
    const Prefix = someKey.slice(0, 1);
    const byKey = keys
      .map((key, i) => ({ key, id: ids[i] ?? "" }))
      .filter(({ key }) => key.startsWith(Prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    const entries = byKey.map(({ key, id }) => {
      const cut = Delimiter === "" ? -1 : key.indexOf(Delimiter, Prefix.length);
      return cut < 0 ? `${key} ${id}` : key.slice(0, cut + 1);
    });
    const found: string[] = [];
    let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    for (let isTruncated = true; isTruncated; ) {
      const page = s3.listMultipartUploads({ Bucket, Prefix, Delimiter, MaxUploads, ...markers });
      found.push(...page.Uploads.map(({ Key, UploadId }) => `${Key} ${UploadId}`));
      found.push(...page.CommonPrefixes.map((common) => common.Prefix));
      expect(found.length).toBeLessThanOrEqual(entries.length);
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      isTruncated = page.IsTruncated;
    }
    expect(found.sort()).toEqual([...new Set(entries)].sort());
  },
);

test("a bucket that is there may be made again, as in us-east-1, and only empty ones go", () => {
  const s3 = withBucket();
  s3.putObject({ Bucket, Key: "k", Body: new Uint8Array() });
  s3.createBucket({ Bucket });
  expect(() => s3.deleteBucket({ Bucket })).toThrow(
    expect.objectContaining({ code: "BucketNotEmpty", status: 409 }),
  );
  s3.deleteObject({ Bucket, Key: "k" });
  s3.deleteBucket({ Bucket });
  expect(s3.listBuckets()).toEqual({ Buckets: [] });
});

test("buckets are listed by name, in pages where they are asked for", () => {
  const s3 = withBucket();
  for (const name of ["logs-b", "logs-a", "logs-c"]) s3.createBucket({ Bucket: name });
  const first = s3.listBuckets({ Prefix: "logs", MaxBuckets: 2 });
  expect(first.Buckets.map(({ Name }) => Name)).toEqual(["logs-a", "logs-b"]);
  const { ContinuationToken } = first;
  expect(s3.listBuckets({ Prefix: "logs", ContinuationToken }).Buckets.map(({ Name }) => Name)).toEqual([
    "logs-c",
  ]);
  expect(() => s3.listBuckets({ MaxBuckets: 0 })).toThrow(
    expect.objectContaining({ code: "InvalidArgument" }),
  );
});

test("a lost response of a conditional put leaves the object, so that the retry meets it", () => {
  const s3 = new S3Model({
    clock: new ManualClock(),
    faults: {
      before: (_service, operation) => (operation === "PutObject" ? { kind: "lost-response" } : undefined),
    },
  });
  s3.createBucket({ Bucket });
  const put = () => s3.putObject({ Bucket, Key: "k", Body: Uint8Array.of(1), IfNoneMatch: "*" });
  expect(put).toThrow(expect.objectContaining({ code: "InternalFailure" }));
  expect(put).toThrow(expect.objectContaining({ code: "PreconditionFailed", status: 412 }));
  expect(s3.getObject({ Bucket, Key: "k" }).Body).toEqual(Uint8Array.of(1));
});

test("a part's number, ETag, size and order are checked", () => {
  const s3 = withBucket();
  const upload = s3.createMultipartUpload({ Bucket, Key: "k", ContentType: "text/plain" });
  const part = (PartNumber: number) => ({
    PartNumber,
    ...s3.uploadPart({ ...upload, PartNumber, Body: Uint8Array.of(PartNumber) }),
  });
  const [one, two] = [part(1), part(2)];
  const complete =
    (...Parts: (typeof one)[]) =>
    () =>
      s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
  expect(complete(two, one)).toThrow(expect.objectContaining({ code: "InvalidPartOrder" }));
  expect(complete(one, two)).toThrow(expect.objectContaining({ code: "EntityTooSmall" }));
  expect(complete({ ...one, ETag: two.ETag })).toThrow(expect.objectContaining({ code: "InvalidPart" }));
  complete(two)();
  expect(s3.getObject({ Bucket, Key: "k" })).toMatchObject({
    Body: Buffer.from([2]),
    ContentType: "text/plain",
  });
  expect(() => s3.abortMultipartUpload(upload)).toThrow(expect.objectContaining({ code: "NoSuchUpload" }));
});

test("a delete that overtakes a conditional put makes it a conflict, and not the one after it", () => {
  const s3 = withBucket();
  const ref = { Bucket, Key: "k" };
  const body = { ...ref, Body: Uint8Array.of(1) };
  const { ETag } = s3.putObject(body);
  const pending = s3.beginConditionalWrite(ref);
  s3.deleteObject(ref);
  expect(() => s3.putObject({ ...body, IfMatch: ETag }, pending)).toThrow(
    expect.objectContaining({ code: "ConditionalRequestConflict", status: 409 }),
  );
  pending?.end();
  const next = s3.beginConditionalWrite(ref);
  s3.putObject({ ...body, IfNoneMatch: "*" }, next);
  next?.end();
});

test("a conditional completion that a delete overtook ends its upload", () => {
  const s3 = withBucket();
  const ref = { Bucket, Key: "k" };
  s3.putObject({ ...ref, Body: Uint8Array.of(1) });
  const upload = s3.createMultipartUpload(ref);
  const { ETag } = s3.uploadPart({ ...upload, PartNumber: 1, Body: Uint8Array.of(2) });
  const complete = { ...upload, IfNoneMatch: "*", MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
  const pending = s3.beginConditionalWrite(ref);
  s3.deleteObject(ref);
  expect(() => s3.completeMultipartUpload(complete, pending)).toThrow(
    expect.objectContaining({ status: 409 }),
  );
  pending?.end();
  expect(() => s3.completeMultipartUpload(complete)).toThrow(
    expect.objectContaining({ code: "NoSuchUpload" }),
  );
});
