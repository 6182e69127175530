import { isoOf } from "../../shared/time/clock.ts";
import { type ClaimedChecksum, isChecksumAlgorithm } from "../models/s3/checksums.ts";
import type { CompletedPart } from "../models/s3/multipart-api.ts";
import { ServiceError } from "../models/service-error.ts";
import { httpDate } from "./http-date.ts";
import { copySourceOf } from "./s3-address.ts";
import { checksumElement, checksumHeader, encryptionHeader, xmlAnswer } from "./s3-answer.ts";
import { keyWriter, OWNER } from "./s3-listings.ts";
import type { S3Operations } from "./s3-operation.ts";
import {
  checksumAlgorithm,
  claimedChecksum,
  claimsOf,
  header,
  numberIn,
  objectHeaders,
  putConditions,
  readConditions,
  type S3Request,
} from "./s3-request.ts";
import { childOf, childrenOf, malformed, parseXml, type XmlElement } from "./xml.ts";

/** Operations on an upload in parts. */
export const uploadOperations: S3Operations = {
  "POST uploads": (s3, { bucket: Bucket, key: Key, headers }) => {
    const algorithm = header(headers, "x-amz-checksum-algorithm");
    const stored = objectHeaders(headers);
    const created = s3.createMultipartUpload({
      Bucket,
      Key,
      ...stored,
      ChecksumAlgorithm: algorithm === undefined ? undefined : checksumAlgorithm(algorithm),
      ChecksumType: checksumType(header(headers, "x-amz-checksum-type")),
    });
    const { ChecksumAlgorithm, ChecksumType, Abort, ...ref } = created;
    return xmlAnswer("InitiateMultipartUploadResult", ref, {
      "x-amz-checksum-algorithm": ChecksumAlgorithm,
      "x-amz-checksum-type": ChecksumType,
      ...(Abort && { "x-amz-abort-date": httpDate(Abort.at), "x-amz-abort-rule-id": Abort.ruleId }),
      ...encryptionHeader(stored),
    });
  },
  "PUT partNumber uploadId": (s3, request) => {
    const { headers, body: Body } = request;
    const part = { ...uploadOf(request), PartNumber: numberIn(request.query, "partNumber") ?? Number.NaN };
    const source = header(headers, "x-amz-copy-source");
    if (source === undefined) {
      const { ETag, Checksum } = s3.uploadPart({ ...part, Body, ...claimsOf(request) });
      return { status: 200, headers: { etag: ETag, ...checksumHeader(Checksum), ...encryptionHeader({}) } };
    }
    const { ETag, LastModified, Checksum } = s3.uploadPartCopy({
      ...part,
      CopySource: copySourceOf(source),
      CopySourceIf: readConditions(headers, "x-amz-copy-source-"),
      CopySourceRange: header(headers, "x-amz-copy-source-range"),
    });
    const content = { ETag, LastModified: isoOf(LastModified), ...checksumElement(Checksum) };
    return xmlAnswer("CopyPartResult", content, encryptionHeader({}));
  },
  "POST uploadId": (s3, request, pending) => {
    const { bucket, key, headers } = request;
    const document = parseXml(Buffer.from(request.body).toString());
    const size = header(headers, "x-amz-mp-object-size");
    const { ETag, Checksum } = s3.completeMultipartUpload(
      {
        ...uploadOf(request),
        ...putConditions(headers),
        MultipartUpload: { Parts: childrenOf(document, "Part").map(completedPart) },
        Checksum: claimedChecksum(headers),
        MpuObjectSize: size === undefined ? undefined : Number(size),
      },
      pending,
    );
    const content = {
      Location: `http://${headers.host}/${bucket}/${key}`,
      Bucket: bucket,
      Key: key,
      ETag,
      ...checksumElement(Checksum),
      ChecksumType: Checksum?.Type,
    };
    return xmlAnswer("CompleteMultipartUploadResult", content, encryptionHeader({}));
  },
  "DELETE uploadId": (s3, request) => {
    s3.abortMultipartUpload(uploadOf(request));
    return { status: 204 };
  },
  "GET uploadId": (s3, request) => {
    const { query } = request;
    const { Parts, ...page } = s3.listParts({
      ...uploadOf(request),
      MaxParts: numberIn(query, "max-parts"),
      PartNumberMarker: numberIn(query, "part-number-marker"),
    });
    return xmlAnswer("ListPartsResult", {
      ...page,
      Key: keyWriter(query)(page.Key),
      Initiator: OWNER,
      Owner: OWNER,
      Part: Parts.map(({ Checksum, ...part }) => ({
        ...part,
        LastModified: isoOf(part.LastModified),
        ...checksumElement(Checksum),
      })),
    });
  },
};

const uploadOf = ({ bucket: Bucket, key: Key, query }: S3Request) => ({
  Bucket,
  Key,
  UploadId: query.get("uploadId") ?? "",
});

function checksumType(text: string | undefined): "COMPOSITE" | "FULL_OBJECT" | undefined {
  if (text === undefined || text === "COMPOSITE" || text === "FULL_OBJECT") return text;
  throw new ServiceError("InvalidRequest", "Value for x-amz-checksum-type header is invalid.");
}

function completedPart(part: XmlElement): CompletedPart {
  const number = childOf(part, "PartNumber")?.text;
  const etag = childOf(part, "ETag")?.text;
  if (number === undefined || !/^\d+$/.test(number) || etag === undefined) throw malformed();
  return { PartNumber: Number(number), ETag: etag, Checksum: partChecksum(part) };
}

function partChecksum(part: XmlElement): ClaimedChecksum | undefined {
  for (const { name, text } of part.children) {
    const algorithm = name.replace(/^Checksum/, "");
    if (name.startsWith("Checksum") && isChecksumAlgorithm(algorithm))
      return { Algorithm: algorithm, Value: text };
  }
  return undefined;
}
