import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import {
  CHECKSUM_ALGORITHMS,
  checkBody,
  checksumOf,
  compositeOf,
} from "../../../../local/models/s3/checksums.ts";
import { crc32c, crc64nvme } from "../../../../local/models/s3/crc.ts";

test("the check values of the CRC catalogue come out", () => {
  const digits = Buffer.from("123456789");
  const hex = (base64: string) => Buffer.from(base64, "base64").toString("hex");
  expect(hex(checksumOf("CRC32", digits).Value)).toBe("cbf43926");
  expect(hex(checksumOf("CRC32C", digits).Value)).toBe("e3069283");
  expect(hex(checksumOf("CRC64NVME", digits).Value)).toBe("ae8b14860a799888");
});

/** One bit at a time, as the catalogue defines it. */
function crcByDefinition(body: Uint8Array, width: bigint, polynomial: bigint): string {
  const ones = (1n << width) - 1n;
  let crc = ones;
  for (const byte of body)
    for (let bit = 0n; bit < 8n; bit += 1n) {
      const isOdd = ((crc ^ (BigInt(byte) >> bit)) & 1n) === 1n;
      crc = (crc >> 1n) ^ (isOdd ? polynomial : 0n);
    }
  return (crc ^ ones).toString(16).padStart(Number(width) / 4, "0");
}

property.prop([fc.uint8Array({ maxLength: 200 })])("CRCs are those of their polynomials", (body) => {
  expect(crc32c(body).toString("hex")).toBe(crcByDefinition(body, 32n, 0x82f6_3b78n));
  expect(crc64nvme(body).toString("hex")).toBe(crcByDefinition(body, 64n, 0x9a6c_9329_ac4b_c9b5n));
});

property.prop([
  fc.uint8Array({ minLength: 1, maxLength: 50 }),
  fc.nat(),
  fc.constantFrom(...CHECKSUM_ALGORITHMS),
])("a body with any byte changed is refused by every checksum", (body, at, Algorithm) => {
  const { Value } = checksumOf(Algorithm, body);
  expect(checkBody(body, { Checksum: { Algorithm, Value } })).toMatchObject({ Algorithm, Value });
  const changed = body.with(at % body.length, (body[at % body.length] ?? 0) ^ 1);
  expect(() => checkBody(changed, { Checksum: { Algorithm, Value } })).toThrow(
    expect.objectContaining({ code: "BadDigest" }),
  );
});

test("what is no digest is told apart from a wrong one", () => {
  const body = Buffer.from("hello");
  expect(() => checkBody(body, { ContentMD5: "nonsense" })).toThrow(
    expect.objectContaining({ code: "InvalidDigest" }),
  );
  expect(() => checkBody(body, { ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" })).toThrow(
    expect.objectContaining({ code: "BadDigest" }),
  );
  expect(() => checkBody(body, { Checksum: { Algorithm: "SHA256", Value: "AAAA" } })).toThrow(
    expect.objectContaining({ code: "InvalidRequest" }),
  );
  expect(checkBody(body, { ContentMD5: "XUFAKrxLKna5cZ2REBfFkg==" })).toBeUndefined();
});

test("a composite checksum is that of the parts' checksums, with their number", () => {
  const parts = ["a", "b"].map((text) => checksumOf("SHA256", Buffer.from(text)));
  const joined = Buffer.concat(parts.map(({ Value }) => Buffer.from(Value, "base64")));
  expect(compositeOf("SHA256", parts)).toEqual({
    Algorithm: "SHA256",
    Value: `${checksumOf("SHA256", joined).Value}-2`,
    Type: "COMPOSITE",
  });
});
