import { hash } from "node:crypto";
import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { decodeAwsChunked } from "../../../local/http/aws-chunked.ts";
import { receivedBody } from "../../../local/http/s3-body.ts";
import { claimsOf } from "../../../local/http/s3-request.ts";

const refused = (code: string) => expect.objectContaining({ code });
const chunked = { "content-encoding": "aws-chunked" };

property.prop([fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })), fc.boolean()])(
  "chunks are put together, whatever bytes are in them and whether or not they are signed",
  (chunks, isSigned) => {
    const signature = isSigned ? `;chunk-signature=${"0".repeat(64)}` : "";
    const wrapped = [...chunks, new Uint8Array()].flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}${signature}\r\n`),
      chunk,
      Buffer.from(chunk.length === 0 ? "x-amz-checksum-crc32:AAAAAA==\r\n\r\n" : "\r\n"),
    ]);
    const { data, trailers } = decodeAwsChunked(Buffer.concat(wrapped));
    expect(Buffer.concat(chunks).equals(data)).toBe(true);
    expect(trailers).toEqual({ "x-amz-checksum-crc32": "AAAAAA==" });
  },
);

test.each(["", "5\r\nhel", "5\r\nhello", "5\r\nhello!\r\n0\r\n\r\n", "nonsense\r\n", "5\r\nhello\r\n"])(
  "%j is an incomplete body",
  (text) => {
    expect(() => decodeAwsChunked(Buffer.from(text))).toThrow(refused("IncompleteBody"));
  },
);

test("a body must be as long as it says, and the one that was signed", () => {
  const body = Buffer.from("5\r\nhello\r\n0\r\n\r\n");
  const length = (text: string) => ({ ...chunked, "x-amz-decoded-content-length": text });
  expect(Buffer.from(receivedBody(length("5"), body).data).toString()).toBe("hello");
  expect(() => receivedBody(length("6"), body)).toThrow(refused("IncompleteBody"));
  const signed = (text: string) => ({ "x-amz-content-sha256": hash("sha256", text, "hex") });
  expect(receivedBody(signed("hello"), Buffer.from("hello")).data).toEqual(Buffer.from("hello"));
  expect(() => receivedBody(signed("other"), Buffer.from("hello"))).toThrow(
    refused("XAmzContentSHA256Mismatch"),
  );
});

test("what is said of a body comes in headers or behind it, once, and as announced", () => {
  const trailers = { "x-amz-checksum-crc32": "AAAAAA==" };
  const Checksum = { Algorithm: "CRC32", Value: "AAAAAA==" };
  expect(claimsOf({ headers: trailers, trailers: {} })).toMatchObject({ Checksum });
  expect(claimsOf({ headers: { "x-amz-trailer": "x-amz-checksum-crc32" }, trailers })).toMatchObject({
    Checksum,
  });
  expect(() => claimsOf({ headers: { "x-amz-trailer": "x-amz-checksum-crc32" }, trailers: {} })).toThrow(
    refused("MalformedTrailerError"),
  );
  expect(() => claimsOf({ headers: { "x-amz-checksum-sha1": "x" }, trailers })).toThrow(
    refused("InvalidRequest"),
  );
  expect(() => claimsOf({ headers: { "x-amz-sdk-checksum-algorithm": "CRC32" }, trailers: {} })).toThrow(
    refused("InvalidRequest"),
  );
  expect(() => claimsOf({ headers: { "x-amz-checksum-xxhash64": "x" }, trailers: {} })).toThrow(
    refused("NotImplemented"),
  );
});
