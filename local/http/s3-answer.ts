import type { EpochMs } from "../../shared/time/time.ts";
import type { Checksum } from "../models/s3/checksums.ts";
import type { DueDate } from "../models/s3/lifecycle.ts";
import type { ObjectHeaders } from "../models/s3/s3-api.ts";
import { ServiceError } from "../models/service-error.ts";
import { httpDate } from "./http-date.ts";
import { serviceErrorOf } from "./json-protocol.ts";
import { type XmlContent, xmlDocument } from "./xml.ts";

export type AnswerHeaders = Readonly<Record<string, string | number | undefined>>;

export type Answer = {
  readonly status: number;
  readonly headers?: AnswerHeaders;
  readonly body?: Uint8Array | string;
};

export const xmlAnswer = (name: string, content: XmlContent, headers: AnswerHeaders = {}): Answer => ({
  status: 200,
  headers: { "content-type": "application/xml", ...headers },
  body: xmlDocument(name, content),
});

/** The answer to a failed request for a path; a condition that says "you have it already" has no document. */
export function errorAnswer(failure: unknown, resource: string, requestId: string): Answer {
  const error = serviceErrorOf(failure);
  const { code, status, message, detail = {} } = error;
  if (status === 304) {
    const { ETag, LastModified } = detail as { readonly ETag: string; readonly LastModified: EpochMs };
    return { status, headers: { etag: ETag, "last-modified": httpDate(LastModified) } };
  }
  const content = {
    Code: code,
    Message: message,
    ...(detail as Record<string, string>),
    Resource: resource,
    RequestId: requestId,
    HostId: requestId,
  };
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: xmlDocument("Error", content, true),
  };
}

export const notImplemented = (what: string): ServiceError =>
  new ServiceError("NotImplemented", `the local cloud does not know the S3 ${what}`, 501);

/** S3 encrypts everything, by its own key where it is told of no other. */
export const encryptionHeader = ({ ServerSideEncryption = "AES256" }: ObjectHeaders): AnswerHeaders => ({
  "x-amz-server-side-encryption": ServerSideEncryption,
});

export const checksumHeader = (checksum: Checksum | undefined): AnswerHeaders =>
  checksum === undefined ? {} : { [`x-amz-checksum-${checksum.Algorithm.toLowerCase()}`]: checksum.Value };

/** The checksum, and what it was made of. */
export const checksumHeaders = (checksum: Checksum | undefined): AnswerHeaders =>
  checksum === undefined ? {} : { ...checksumHeader(checksum), "x-amz-checksum-type": checksum.Type };

/** The same as elements, e.g. `ChecksumCRC32`. */
export const checksumElement = (checksum: Checksum | undefined): { readonly [name: string]: string } =>
  checksum === undefined ? {} : { [`Checksum${checksum.Algorithm}`]: checksum.Value };

export const expirationHeader = (due: DueDate | undefined): AnswerHeaders =>
  due === undefined
    ? {}
    : { "x-amz-expiration": `expiry-date="${httpDate(due.at)}", rule-id="${due.ruleId}"` };
