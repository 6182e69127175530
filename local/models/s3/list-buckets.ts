import { ServiceError } from "../service-error.ts";
import { compareUtf8 } from "../utf8-order.ts";
import type { Bucket } from "./bucket.ts";
import type { ListBucketsInput, ListBucketsOutput } from "./s3-api.ts";

const MAX_BUCKETS = 10_000;

/** Buckets by name; a page's token is the name that it ended with. */
export function listBuckets(buckets: Iterable<Bucket>, input: ListBucketsInput): ListBucketsOutput {
  const { Prefix = "", MaxBuckets = MAX_BUCKETS, ContinuationToken: last = "" } = input;
  if (!(Number.isInteger(MaxBuckets) && MaxBuckets >= 1 && MaxBuckets <= MAX_BUCKETS))
    throw new ServiceError(
      "InvalidArgument",
      `Argument max-buckets must be an integer between 1 and ${MAX_BUCKETS}.`,
    );
  const behind = [...buckets]
    .filter(({ name }) => name.startsWith(Prefix) && name > last)
    .sort((a, b) => compareUtf8(a.name, b.name));
  const page = behind.slice(0, MaxBuckets);
  const token = behind.length > page.length ? page.at(-1)?.name : undefined;
  return {
    Buckets: page.map(({ name, createdAt }) => ({ Name: name, CreationDate: createdAt })),
    ...(token !== undefined && { ContinuationToken: token }),
  };
}
