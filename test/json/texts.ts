import { expect } from "vitest";
import type { Texts } from "../../shared/json/line-reader.ts";

const buffer = (bytes: Uint8Array, from: number, to: number): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);

/** Texts as Node makes them, which refuse as ASCII what is none. */
export const texts = (shared: boolean): Texts => ({
  utf8: (bytes, from, to) => buffer(bytes, from, to).toString("utf8"),
  ascii: (bytes, from, to) => {
    expect(bytes.subarray(from, to).findIndex((byte) => byte >= 0x80)).toBe(-1);
    return buffer(bytes, from, to).toString("utf8");
  },
  bytewise: (bytes, from, to) => buffer(bytes, from, to).toString("latin1"),
  shared,
});
