import { compareUtf8 } from "../utf8-order.ts";
import { commonPrefixOf, pageSize } from "./listing.ts";
import type {
  ListedUpload,
  ListMultipartUploadsInput,
  ListMultipartUploadsOutput,
  ListPartsInput,
  ListPartsOutput,
} from "./multipart-api.ts";
import type { Upload } from "./multipart-uploads.ts";

/** One page of uploads, by key and then from old to new; with a delimiter, as objects are listed. */
export function listUploads(
  uploads: readonly Upload[],
  input: ListMultipartUploadsInput,
): ListMultipartUploadsOutput {
  const { Bucket, Prefix = "", Delimiter = "", KeyMarker = "", UploadIdMarker = "" } = input;
  const MaxUploads = pageSize("max-uploads", input.MaxUploads);
  const Uploads: ListedUpload[] = [];
  const prefixes = new Set<string>();
  let last: { readonly key: string; readonly id: string } | undefined;
  let isTruncated = false;
  for (const { key, id, initiatedAt, headers } of behindMarker(uploads, input)) {
    if (!key.startsWith(Prefix)) continue;
    const common = commonPrefixOf(key, Prefix, Delimiter);
    // the marker may be a common prefix, which the page before it ended with
    if (common !== undefined && (prefixes.has(common) || common === KeyMarker)) continue;
    isTruncated = MaxUploads > 0 && Uploads.length + prefixes.size >= MaxUploads;
    if (isTruncated || MaxUploads === 0) break;
    const StorageClass = headers.StorageClass ?? "STANDARD";
    if (common === undefined) Uploads.push({ Key: key, UploadId: id, Initiated: initiatedAt, StorageClass });
    else prefixes.add(common);
    last = common === undefined ? { key, id } : { key: common, id: "" };
  }
  return {
    Bucket,
    KeyMarker,
    UploadIdMarker,
    Prefix,
    MaxUploads,
    IsTruncated: isTruncated,
    Uploads,
    CommonPrefixes: [...prefixes].map((common) => ({ Prefix: common })),
    ...(isTruncated && last !== undefined && { NextKeyMarker: last.key, NextUploadIdMarker: last.id }),
  };
}

/** What comes behind the key of the marker; with an upload's id, also what comes behind that upload of the key. */
function behindMarker(
  uploads: readonly Upload[],
  { KeyMarker: key, UploadIdMarker: id = "" }: ListMultipartUploadsInput,
): readonly Upload[] {
  if (key === undefined || key === "") return uploads;
  const marked = uploads.findIndex((upload) => upload.key === key && upload.id === id);
  if (marked >= 0) return uploads.slice(marked + 1);
  return uploads.filter((upload) => compareUtf8(upload.key, key) > 0);
}

/** One page of an upload's parts, by number. */
export function listParts(upload: Upload, input: ListPartsInput): ListPartsOutput {
  const { Bucket, Key, UploadId, PartNumberMarker = 0 } = input;
  const MaxParts = pageSize("max-parts", input.MaxParts);
  const behind = [...upload.parts.values()]
    .filter(({ number }) => number > PartNumberMarker)
    .sort((a, b) => a.number - b.number);
  const page = behind.slice(0, MaxParts);
  const last = page.at(-1);
  return {
    Bucket,
    Key,
    UploadId,
    PartNumberMarker,
    ...(last !== undefined && { NextPartNumberMarker: last.number }),
    MaxParts,
    IsTruncated: behind.length > page.length,
    StorageClass: upload.headers.StorageClass ?? "STANDARD",
    ...(upload.algorithm !== undefined && {
      ChecksumAlgorithm: upload.algorithm,
      ChecksumType: upload.type,
    }),
    Parts: page.map(({ number, body, md5, uploadedAt, checksum }) => ({
      PartNumber: number,
      Size: body.byteLength,
      ETag: `"${md5}"`,
      LastModified: uploadedAt,
      ...(checksum !== undefined && { Checksum: checksum }),
    })),
  };
}
