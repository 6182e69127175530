import { describe, expect, test } from "vitest";
import { filterOf } from "../../../local/sources/filter-pattern.ts";
import { kinesisFilter, sqsFilter } from "../../../local/sources/record-filter.ts";
import { epochMs } from "../../../shared/time/time.ts";

const fits = (pattern: object, event: object): boolean => filterOf(JSON.stringify(pattern))(event);

describe("a filter pattern", () => {
  test.each([
    ["null", { a: [null] }, { a: null }, { a: "" }],
    ["an empty text", { a: [""] }, { a: "" }, { a: null }],
    ["a text", { a: ["Alice"] }, { a: "Alice" }, { a: "alice" }],
    ["a text in any case", { a: [{ "equals-ignore-case": "alice" }] }, { a: "ALICE" }, { a: "Bob" }],
    ["two fields", { a: [1], b: [2] }, { a: 1, b: 2 }, { a: 1, b: 3 }],
    ["one of two values", { a: [1, 2] }, { a: 2 }, { a: 3 }],
    ["one of two fields", { $or: [{ a: [1] }, { b: [1] }] }, { b: 1 }, { a: 2, b: 2 }],
    ["anything but", { a: [{ "anything-but": ["x", "y"] }] }, { a: "z" }, { a: "x" }],
    ["a number", { a: [{ numeric: ["=", 100] }] }, { a: 100 }, { a: "100" }],
    ["a range", { a: [{ numeric: [">", 10, "<=", 20] }] }, { a: 20 }, { a: 10 }],
    ["a field that is there", { a: [{ exists: true }] }, { a: null }, { b: 1 }],
    ["a field that is not there", { a: [{ exists: false }] }, { b: 1 }, { a: 1 }],
    ["a beginning", { a: [{ prefix: "us-" }] }, { a: "us-east-1" }, { a: "eu-us-" }],
    ["an end", { a: [{ suffix: ".png" }] }, { a: "x.png" }, { a: "x.jpg" }],
    ["a nested field", { a: { b: { c: [1] } } }, { a: { b: { c: 1, d: 2 } } }, { a: { b: 1 } }],
    ["a member of a list", { a: ["x"] }, { a: ["w", "x"] }, { a: ["w"] }],
  ])("asks for %s", (_, pattern, fitting, other) => {
    expect([fits(pattern, fitting), fits(pattern, other)]).toEqual([true, false]);
  });

  test.each([
    "no json",
    "[1]",
    '{"a":"b"}',
    '{"a":[]}',
    '{"a":[{"wildcard":"*"}]}',
    '{"a":[{"numeric":["~",1]}]}',
    '{"a":[{"prefix":"x","suffix":"y"}]}',
    '{"$or":{"a":[1]}}',
  ])("%s is refused", (pattern) => {
    expect(() => filterOf(pattern)).toThrow("Invalid filter pattern");
  });
});

describe("a stream's filter", () => {
  const record = (data: string) => ({
    SequenceNumber: "49",
    ApproximateArrivalTimestamp: epochMs(1_000),
    PartitionKey: "k",
    Data: new TextEncoder().encode(data),
  });
  const passes = (pattern: object, data: string) => kinesisFilter([JSON.stringify(pattern)])?.(record(data));

  test("looks into data that is JSON, and drops what is none where it does", () => {
    expect(passes({ data: { city: ["Oslo"] } }, '{"city":"Oslo"}')).toBe(true);
    expect(passes({ data: { city: [{ exists: false }] } }, "plain")).toBe(false);
    expect(passes({ partitionKey: ["k"] }, "plain")).toBe(true);
    expect(passes({ sequenceNumber: ["50"] }, "plain")).toBe(false);
  });

  test("lets through what fits one of its patterns", () => {
    const filter = kinesisFilter(['{"data":{"a":[1]}}', '{"data":{"a":[2]}}']);
    expect(["1", "2", "3"].map((a) => filter?.(record(`{"a":${a}}`)))).toEqual([true, true, false]);
    expect(kinesisFilter([])).toBeUndefined();
  });

  test("refuses data as plain text, and more than ten patterns", () => {
    expect(() => kinesisFilter(['{"data":["text"]}'])).toThrow("data is no JSON");
    expect(() => kinesisFilter(Array.from({ length: 11 }, () => "{}"))).toThrow("at most 10");
  });
});

test.each([
  ["plain text", { body: ["hello"] }, "hello", true],
  ["plain text for JSON", { body: { a: [1] } }, "hello", false],
  ["JSON for plain text", { body: ["hello"] }, '{"a":1}', false],
  ["JSON", { body: { a: [1] } }, '{"a":1}', true],
  ["JSON where the body does not matter", { messageId: ["m"] }, '{"a":1}', true],
  ["plain text where the body does not matter", { messageId: ["m"] }, "hello", true],
])("a queue's filter on %s lets %j with %s through: %s", (_, pattern, Body, passes) => {
  const message = { MessageId: "m", ReceiptHandle: "r", MD5OfBody: "", Body, Attributes: {} };
  expect(sqsFilter([JSON.stringify(pattern)])?.(message)).toBe(passes);
});
