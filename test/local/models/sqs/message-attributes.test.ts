import { hash } from "node:crypto";
import { expect, test } from "vitest";
import {
  askedAttributes,
  attributesMd5,
  attributesSize,
  checkMessageAttributes,
} from "../../../../local/models/sqs/message-attributes.ts";
import { checkMessage } from "../../../../local/models/sqs/message-checks.ts";
import type { MessageAttributes } from "../../../../local/models/sqs/sqs-api.ts";

const text = (StringValue: string, DataType = "String") => ({ DataType, StringValue });

test("the digest takes attributes by name, whatever their order", () => {
  const attributes: MessageAttributes = {
    b: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 1, 255) },
    a: text("42", "Number"),
  };
  // 4-byte lengths before name, type and value; 1 marks text, 2 binary
  const encoded = [
    ...[0, 0, 0, 1, 0x61, 0, 0, 0, 6, ...Buffer.from("Number"), 1, 0, 0, 0, 2, ...Buffer.from("42")],
    ...[0, 0, 0, 1, 0x62, 0, 0, 0, 6, ...Buffer.from("Binary"), 2, 0, 0, 0, 3, 0, 1, 255],
  ];
  expect(attributesMd5(attributes)).toBe(hash("md5", Uint8Array.from(encoded), "hex"));
  expect(attributesMd5({})).toBeUndefined();
});

test("attributes are asked for by name, by prefix, or all", () => {
  const attributes = { "app.id": text("1"), "app.kind": text("2"), other: text("3") };
  const asked = (...names: string[]) => Object.keys(askedAttributes(attributes, names) ?? {});
  expect(asked("other", "none")).toEqual(["other"]);
  expect(asked("app.*")).toEqual(["app.id", "app.kind"]);
  expect(asked("All")).toHaveLength(3);
  expect(asked(".*")).toHaveLength(3);
  expect(askedAttributes(attributes, [])).toBeUndefined();
});

test("names, types and values of attributes are checked", () => {
  const refused = (attributes: MessageAttributes) =>
    expect(() => checkMessageAttributes(attributes)).toThrow(
      expect.objectContaining({ code: "InvalidParameterValue" }),
    );
  for (const name of ["AWS.x", "amazon.x", ".x", "x.", "x..y", "a b", "n".repeat(257)])
    refused({ [name]: text("1") });
  refused({ a: text("1", "Json") });
  refused({ a: text("") });
  refused({ a: text("one", "Number") });
  refused({ a: text("1", "Binary") });
  refused(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, text("1")])));
  checkMessageAttributes({ a: text("1", "Number.int"), b: text("x", "String.kind") });
});

test("names, types and values count into a message's size", () => {
  const MessageAttributes = { ab: text("cde") };
  expect(attributesSize(MessageAttributes)).toBe(2 + 6 + 3);
  const message = { MessageBody: "x".repeat(89), MessageAttributes };
  checkMessage(message, 100);
  expect(() => checkMessage(message, 99)).toThrow("shorter than 99 bytes");
});

test("a body of characters that XML does not have is refused", () => {
  for (const MessageBody of ["\u0000", "\u001f", "\ufffe", "\ud800"])
    expect(() => checkMessage({ MessageBody }, 100)).toThrow(
      expect.objectContaining({ code: "InvalidMessageContents" }),
    );
  checkMessage({ MessageBody: "\t\n\r \ud7ff\ue000\ufffd\u{10000}\u{10ffff}" }, 100);
});
