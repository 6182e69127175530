import { isIP } from "node:net";
import { ServiceError } from "../models/service-error.ts";

/** What a request is for; both are empty for the service itself, the key for the bucket itself. */
export type S3Address = { readonly bucket: string; readonly key: string };

/** Hosts under which a bucket's name may stand as a further label: AWS's own, and names of this machine. */
const VIRTUAL_HOST = /^(.+?)\.(?:s3(?:[.-][a-z\d-]+)?\.amazonaws\.com|(?:s3(?:\.[a-z\d-]+)?\.)?localhost)$/;

/** The bucket that a host names (`bucket.s3.localhost:4566`); undefined where it names none: then the path does. */
export function bucketOfHost(host: string | undefined): string | undefined {
  const name = host?.replace(/:\d+$/, "").toLowerCase() ?? "";
  const bucket = isIP(name) === 0 ? VIRTUAL_HOST.exec(name)?.[1] : undefined;
  return bucket === "s3" || bucket?.startsWith("s3.") ? undefined : bucket;
}

/** Reads `/bucket/key`, or `/key` where the host names the bucket. Throws InvalidURI. */
export function s3AddressOf(path: string, host: string | undefined): S3Address {
  const bucket = bucketOfHost(host);
  if (bucket !== undefined) return { bucket, key: decoded(path.slice(1)) };
  const slash = path.indexOf("/", 1);
  if (slash < 0) return { bucket: decoded(path.slice(1)), key: "" };
  return { bucket: decoded(path.slice(1, slash)), key: decoded(path.slice(slash + 1)) };
}

/** Reads `x-amz-copy-source`: `bucket/key`, percent-encoded, with or without a slash in front. */
export function copySourceOf(source: string): { readonly Bucket: string; readonly Key: string } {
  const mark = source.indexOf("?");
  const { bucket, key } = s3AddressOf(
    `/${source.slice(0, mark < 0 ? undefined : mark).replace(/^\//, "")}`,
    "",
  );
  if (bucket === "" || key === "")
    throw new ServiceError(
      "InvalidArgument",
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      400,
      { ArgumentName: "x-amz-copy-source", ArgumentValue: source },
    );
  return { Bucket: bucket, Key: key };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ServiceError("InvalidURI", `Couldn't parse the specified URI: ${part}`);
  }
}
