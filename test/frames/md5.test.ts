import { createHash } from "node:crypto";
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { md5Words } from "../../shared/frames/md5.ts";

function md5(text: string): string {
  const words = new Uint32Array(4);
  md5Words(text, words);
  return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
}

const byNode = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");

test.each([
  ["", "d41d8cd98f00b204e9800998ecf8427e"],
  ["a", "0cc175b9c0f1b6a831c399e269772661"],
  ["abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
  ["abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"],
  ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"],
  ["1234567890".repeat(8), "57edf4a22be3c955ac49da2e2107b67a"],
])("hashes %o as RFC 1321 says", (text, digest) => {
  expect(md5(text)).toBe(digest);
});

test("hashes texts of every length up to three blocks, in one byte a character and in more", () => {
  const lengths = Array.from({ length: 200 }, (_, length) => length);
  for (const character of ["k", "\u007f", "\u0080", "ü", "€", "\ud800"])
    expect(lengths.map((length) => md5(character.repeat(length)))).toEqual(
      lengths.map((length) => byNode(character.repeat(length))),
    );
});

test.prop([
  fc.array(
    fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.string({ minLength: 50, maxLength: 130 })),
    {
      minLength: 1,
    },
  ),
])("hashes any texts, one after another, as node:crypto does", (texts) => {
  expect(texts.map(md5)).toEqual(texts.map(byNode));
});
