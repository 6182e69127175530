import { isoOf } from "../../shared/time/clock.ts";
import { ACCOUNT_ID } from "../models/arn.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import { ServiceError } from "../models/service-error.ts";
import { type Answer, xmlAnswer } from "./s3-answer.ts";
import { numberIn, type S3Request } from "./s3-request.ts";

/** The one owner of everything, by a canonical user id made of the account's. */
export const OWNER: { readonly ID: string; readonly DisplayName: string } = {
  ID: ACCOUNT_ID.padStart(64, "0"),
  DisplayName: "local",
};

/** How a listing writes keys: as they are, or percent-encoded with `encoding-type=url`. Throws InvalidArgument. */
export function keyWriter(query: URLSearchParams): (key: string) => string {
  const type = query.get("encoding-type");
  if (type === null) return (key) => key;
  if (type !== "url")
    throw new ServiceError("InvalidArgument", "Invalid Encoding Method specified in Request", 400, {
      ArgumentName: "encoding-type",
      ArgumentValue: type,
    });
  return (key) =>
    encodeURIComponent(key)
      .replaceAll("%2F", "/")
      .replaceAll("%20", "+")
      .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** ListObjectsV2 */
export function listAnswer(s3: S3Model, { bucket: Bucket, query }: S3Request): Answer {
  const text = (name: string) => query.get(name) ?? undefined;
  if (text("list-type") !== "2")
    throw new ServiceError("InvalidArgument", "The list-type of a listing can only be 2");
  if (text("continuation-token") === "")
    throw new ServiceError("InvalidArgument", "The continuation token provided is incorrect");
  const written = keyWriter(query);
  const { Contents, CommonPrefixes, ...page } = s3.listObjectsV2({
    Bucket,
    Prefix: text("prefix"),
    Delimiter: text("delimiter"),
    StartAfter: text("start-after"),
    ContinuationToken: text("continuation-token"),
    MaxKeys: numberIn(query, "max-keys"),
  });
  const [delimiter, after] = [text("delimiter"), text("start-after")];
  return xmlAnswer("ListBucketResult", {
    ...page,
    Prefix: written(page.Prefix),
    Delimiter: delimiter === undefined ? undefined : written(delimiter),
    StartAfter: after === undefined ? undefined : written(after),
    ContinuationToken: text("continuation-token"),
    EncodingType: text("encoding-type"),
    Contents: Contents.map(({ Checksum, ...object }) => ({
      ...object,
      Key: written(object.Key),
      LastModified: isoOf(object.LastModified),
      ChecksumAlgorithm: Checksum?.Algorithm,
      ChecksumType: Checksum?.Type,
      Owner: text("fetch-owner") === "true" ? OWNER : undefined,
    })),
    CommonPrefixes: CommonPrefixes.map(({ Prefix }) => ({ Prefix: written(Prefix) })),
  });
}

/** ListMultipartUploads */
export function listUploadsAnswer(s3: S3Model, { bucket: Bucket, query }: S3Request): Answer {
  const text = (name: string) => query.get(name) ?? undefined;
  const written = keyWriter(query);
  const delimiter = text("delimiter");
  const { Uploads, CommonPrefixes, ...page } = s3.listMultipartUploads({
    Bucket,
    Prefix: text("prefix"),
    Delimiter: delimiter,
    KeyMarker: text("key-marker"),
    UploadIdMarker: text("upload-id-marker"),
    MaxUploads: numberIn(query, "max-uploads"),
  });
  return xmlAnswer("ListMultipartUploadsResult", {
    ...page,
    KeyMarker: written(page.KeyMarker),
    NextKeyMarker: page.NextKeyMarker === undefined ? undefined : written(page.NextKeyMarker),
    Prefix: written(page.Prefix),
    Delimiter: delimiter === undefined ? undefined : written(delimiter),
    EncodingType: text("encoding-type"),
    Upload: Uploads.map((upload) => ({
      ...upload,
      Key: written(upload.Key),
      Initiated: isoOf(upload.Initiated),
      Initiator: OWNER,
      Owner: OWNER,
    })),
    CommonPrefixes: CommonPrefixes.map(({ Prefix }) => ({ Prefix: written(Prefix) })),
  });
}
