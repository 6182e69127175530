import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { fileContent } from "../../../functions/aws/lookups/file-content.ts";
import { JSON_LINES } from "../../../shared/operators/lookup/json-lines.ts";
import { tableOf } from "../../protocol/lookup/tables.ts";

const file = tableOf({ store: "s3", format: JSON_LINES });
const bytes = new TextEncoder().encode('{"k":"a"}\n');
const read = { lines: [{ line: 1, value: { k: "a" } }] };

test("a file is read gzipped or not, whatever it is called", () => {
  expect(fileContent(file, bytes)).toEqual(read);
  expect(fileContent(file, gzipSync(bytes))).toEqual(read);
});

test("of a file in UTF-16 nothing is read", () => {
  for (const mark of [
    [0xff, 0xfe],
    [0xfe, 0xff],
  ])
    expect(fileContent(file, Uint8Array.from([...mark, 0x7b, 0]))).toEqual({
      lines: [],
      problem: "it is UTF-16, where a file is UTF-8",
    });
});

test("a file may have as many bytes as there is room for, packed and unpacked, and no more", () => {
  expect(fileContent(file, bytes, bytes.length)).toEqual(read);
  expect(() => fileContent(file, bytes, bytes.length - 1)).toThrow(
    new RangeError(`it has ${bytes.length} bytes, and ${bytes.length - 1} is the most`),
  );
  const long = new Uint8Array(10_000).fill(0x20);
  expect(fileContent(file, gzipSync(long), 10_000)).toEqual({ lines: [] });
  expect(() => fileContent(file, gzipSync(long), 9_999)).toThrow(
    new RangeError("it unpacks to more bytes, and 9999 is the most"),
  );
});

test("what begins like gzip and is none cannot be read", () => {
  const cut = gzipSync(bytes).subarray(0, 15);
  expect(() => fileContent(file, cut)).toThrow("it begins like gzip and cannot be unpacked");
});
