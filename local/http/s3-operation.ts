import type { PendingWrite } from "../models/s3/pending-writes.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import type { Answer } from "./s3-answer.ts";
import type { S3Request } from "./s3-request.ts";

/** @param pending - where the request is a conditional write, its beginning */
type S3Operation = (s3: S3Model, request: S3Request, pending?: PendingWrite) => Answer;

/** By method and the query parameters that tell S3's operations apart, in their order, e.g. `PUT partNumber uploadId`. */
export type S3Operations = Readonly<Record<string, S3Operation>>;

/** Query parameters that qualify an operation, or belong to a signature, rather than name another operation. */
const QUALIFIERS =
  /^(x-id|x-amz-.*|awsaccesskeyid|signature|expires|prefix|delimiter|max-.*|start-after|continuation-token|encoding-type|fetch-owner|response-.*|(key|upload-id|part-number)-marker|bucket-region)$/i;

/** The name of the operation that a request asks for. */
export const operationName = ({ method, query }: S3Request): string =>
  [method, ...[...new Set(query.keys())].filter((name) => !QUALIFIERS.test(name)).sort()].join(" ");
