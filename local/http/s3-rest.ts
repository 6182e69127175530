import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../iam/access.ts";
import type { PendingWrite } from "../models/s3/pending-writes.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import { ServiceError } from "../models/service-error.ts";
import { type Answer, errorAnswer, notImplemented } from "./s3-answer.ts";
import { bucketOperations, serviceOperations } from "./s3-buckets.ts";
import { objectOperations } from "./s3-objects.ts";
import { operationName, type S3Operations } from "./s3-operation.ts";
import { addressOf, type S3Request, s3RequestOf } from "./s3-request.ts";
import { uploadOperations } from "./s3-uploads.ts";

const METHODS = new Set(["GET", "HEAD", "PUT", "POST", "DELETE"]);

/**
 * Notes, before its body has arrived, that a request is a conditional write: a delete that overtakes it makes it fail.
 * Undefined for any other request; what is returned must be ended.
 */
export function beginS3Write(s3: S3Model, message: IncomingMessage): PendingWrite | undefined {
  const { method, headers } = message;
  const isWrite = method === "PUT" || method === "POST";
  const isConditional = headers["if-match"] !== undefined || headers["if-none-match"] !== undefined;
  if (!isWrite || !isConditional) return undefined;
  try {
    const { bucket: Bucket, key: Key } = addressOf(message);
    return s3.beginConditionalWrite({ Bucket, Key });
  } catch (error) {
    // an address that is none is refused when the request is answered
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

export type S3AnswerOptions = {
  /** Where the request is a conditional write, its beginning. */
  readonly pending?: PendingWrite | undefined;
  /** Refuses what the sender may not do; without it everybody may do everything. */
  readonly access?: Access | undefined;
};

/** Answers one request of S3's REST protocol, path style or with the bucket in the host's name. */
export function answerS3(
  s3: S3Model,
  message: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
  options: S3AnswerOptions = {},
): void {
  const requestId = String(response.getHeader("x-amzn-requestid") ?? "");
  const { status, headers = {}, body: content } = answerOf(s3, message, body, requestId, options);
  const isBare = message.method === "HEAD" || status === 204 || status === 304;
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  response.writeHead(status, {
    "x-amz-request-id": requestId,
    "x-amz-id-2": requestId,
    ...(!isBare && { "content-length": Buffer.byteLength(content ?? "") }),
    ...Object.fromEntries(present),
  });
  response.end(message.method === "HEAD" ? undefined : content);
}

function answerOf(
  s3: S3Model,
  message: IncomingMessage,
  body: Uint8Array,
  requestId: string,
  { pending, access }: S3AnswerOptions,
): Answer {
  try {
    const request = { ...s3RequestOf(message, body), access: access?.s3(message) };
    if (!METHODS.has(request.method))
      throw new ServiceError(
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
        405,
      );
    const name = operationName(request);
    const operation = operationsFor(request)[name];
    if (operation === undefined) throw notImplemented(`operation ${request.method} ${message.url}`);
    request.access?.check(name, request);
    return answerTo(request, () => operation(s3, request, pending));
  } catch (error) {
    const [path = "/"] = message.url?.split("?") ?? [];
    return errorAnswer(error, path, requestId);
  }
}

/** Only who may list a bucket learns that a key is not in it. */
function answerTo(request: S3Request, operation: () => Answer): Answer {
  try {
    return operation();
  } catch (error) {
    if (error instanceof ServiceError && error.code === "NoSuchKey") request.access?.checkMissing(request);
    throw error;
  }
}

const keyOperations: S3Operations = { ...objectOperations, ...uploadOperations };

function operationsFor({ bucket, key }: S3Request): S3Operations {
  if (bucket === "") return serviceOperations;
  return key === "" ? bucketOperations : keyOperations;
}
