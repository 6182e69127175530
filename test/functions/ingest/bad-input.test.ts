import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { refusalOf } from "../../../functions/ingest/answer.ts";
import { sourceFor } from "../../../functions/ingest/ingest.ts";
import { requestOf } from "../../../functions/ingest/request.ts";
import { sourceOf } from "../../../functions/ingest/source.ts";
import { stream } from "../../../shared/events/stream.ts";
import { allOn, JSON_TYPE, lines, NDJSON, NOW, type Posted, post, posted, source, tape } from "./fixture.ts";

const good = { id: "good", shop: "north", at: NOW };
const utf8 = (text: string): Buffer => Buffer.from(text);

describe("a line that is refused leaves its neighbours unharmed:", () => {
  test.each<[what: string, line: string, code: string, path?: string]>([
    ["malformed JSON", '{"shop":', "EVENT_JSON"],
    ["two values", '{"shop":"a"},{"shop":"b"}', "EVENT_JSON"],
    ["a raw NUL byte", '{"shop":"a\u0000","at":1}', "EVENT_JSON"],
    ["no object", '"text"', "EVENT_SCHEMA"],
    ["null", "null", "EVENT_SCHEMA"],
    ["a wrong type", '{"shop":5,"at":1}', "EVENT_SCHEMA", "shop"],
    ["an unknown field", '{"shop":"a","at":1,"more":1}', "EVENT_SCHEMA"],
    ["a missing time", '{"shop":"a"}', "EVENT_TIME", "at"],
    ["a fraction of a millisecond", '{"shop":"a","at":1.5}', "EVENT_TIME", "at"],
    ["a time beyond the year 9999", '{"shop":"a","at":253402300800000}', "EVENT_TIME"],
    ["a key __proto__", '{"shop":"a","at":1,"__proto__":{"x":1}}', "EVENT_PROTO"],
    ["a key __proto__ within", '{"shop":"a","at":1,"note":[{"__proto__":1}]}', "EVENT_PROTO"],
    ["a key __proto__ in escapes", '{"shop":"a","at":1,"\\u005f_proto__":1}', "EVENT_PROTO"],
    ["100,000 open brackets", "[".repeat(100_000), "EVENT_JSON"],
    ["100,000 levels", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "EVENT_SCHEMA"],
    [
      "100,000 levels with __proto__",
      `${'{"a":'.repeat(1e5)}{"__proto__":1}${"}".repeat(1e5)}`,
      "EVENT_PROTO",
    ],
    ["a long key", JSON.stringify({ shop: "k".repeat(1_025), at: 1 }), "EVENT_KEY"],
    ["a long id", JSON.stringify({ id: "i".repeat(257), shop: "a", at: 1 }), "EVENT_ID"],
    ["half a character as id", '{"id":"\\ud800","shop":"a","at":1}', "EVENT_ID"],
    ["a large event", JSON.stringify({ shop: "a", at: 1, note: noise(1_500_000) }), "EVENT_TOO_LARGE"],
  ])("%s", async (_, line, code, path) => {
    const streams = tape();
    const { answer, rejected } = await post(streams, { body: lines(good, line, good), headers: NDJSON });
    expect(answer.statusCode).toBe(202);
    expect(rejected).toEqual([
      { index: 1, code, message: expect.any(String), ...(path === undefined ? {} : { path }) },
    ]);
    expect(rejected[0]?.message.length).toBeLessThanOrEqual(200);
    expect(allOn(streams)).toEqual([
      ["good", NOW, good],
      ["good", NOW, good],
    ]);
  });

  test("invalid UTF-8", async () => {
    const streams = tape();
    const bad = Buffer.concat([utf8('{"shop":"'), Buffer.from([0xff]), utf8('","at":1}')]);
    const body = Buffer.concat([utf8(`${lines(good)}\n`), bad, utf8(`\n${lines(good)}`)]);
    const { rejected } = await post(streams, { body, headers: NDJSON });
    expect(rejected).toEqual([{ index: 1, code: "EVENT_JSON", message: "the line is not UTF-8" }]);
    expect(allOn(streams)).toHaveLength(2);
  });
});

test("the text __proto__ in a value is no key", async () => {
  const streams = tape();
  const event = { ...good, note: "__proto__ \\u005f" };
  expect((await post(streams, { body: lines(event), headers: NDJSON })).accepted).toBe(1);
});

test("NUL and lone surrogates in escapes come through as they are", async () => {
  const streams = tape();
  const note = "\u0000 \ud800 \udc00";
  await post(streams, { body: lines({ ...good, note }), headers: NDJSON });
  expect(allOn(streams)).toEqual([["good", NOW, { ...good, note }]]);
});

test("what a schema makes of an event must be plain and not too deep", async () => {
  const streams = tape();
  const schema = z.object({ f: z.any().transform((f) => (f === 1 ? () => f : f)) });
  const loose = sourceOf(stream("orders", { schema, key: () => 1, partitions: 1 }));
  const deep = `{"f":${"[".repeat(600)}${"]".repeat(600)}}`;
  const { rejected } = await post(streams, { body: lines({ f: 0 }, { f: 1 }, deep), headers: NDJSON }, loose);
  expect(rejected.map(({ index, code }) => [index, code])).toEqual([
    [1, "EVENT_UNSUPPORTED"],
    [2, "EVENT_UNSUPPORTED"],
  ]);
  expect(allOn(streams).map(([, , payload]) => payload)).toEqual([{ f: 0 }]);
});

test("a user's function that throws refuses its event alone", async () => {
  const streams = tape();
  const boom = (when: number) => (event: { n: number }) => {
    if (event.n === when) throw new Error("boom");
    return event.n;
  };
  const schema = z.object({ n: z.number() }).refine(({ n }) => boom(0)({ n }) !== -1);
  const fragile = sourceOf(stream("orders", { schema, time: boom(1), key: boom(2), partitions: 1 }));
  const body = lines({ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 });
  const { rejected } = await post(streams, { body, headers: NDJSON }, fragile);
  expect(rejected.map(({ code }) => code)).toEqual(["EVENT_SCHEMA", "EVENT_TIME", "EVENT_KEY"]);
  expect(allOn(streams)).toHaveLength(1);
});

describe("a request that is refused as a whole:", () => {
  const large = lines(...Array.from({ length: 6_000 }, () => ({ ...good, note: "x".repeat(1_000) })));
  test.each<[what: string, request: Posted, status: number, code: string]>([
    ["malformed JSON", { body: "{", headers: JSON_TYPE }, 400, "BODY_JSON"],
    ["invalid UTF-8", { body: Buffer.from([0x22, 0xff, 0x22]), headers: JSON_TYPE }, 400, "BODY_JSON"],
    ["an empty body", { body: "", headers: JSON_TYPE }, 400, "BODY_EMPTY"],
    ["a blank NDJSON body", { body: "\n \n", headers: NDJSON }, 400, "BODY_EMPTY"],
    ["an empty array", { body: "[]", headers: JSON_TYPE }, 400, "BODY_EMPTY"],
    ["6 MB", { body: large, headers: NDJSON }, 413, "BODY_TOO_LARGE"],
    ["6 MB of bytes", { body: utf8(large), headers: NDJSON }, 413, "BODY_TOO_LARGE"],
    [
      "6 MB of three-byte characters",
      { body: `"${"€".repeat(2e6)}"`, headers: JSON_TYPE },
      413,
      "BODY_TOO_LARGE",
    ],
    ["20,001 events", { body: "1\n".repeat(20_001), headers: NDJSON }, 413, "BODY_TOO_LARGE"],
    [
      "a gzip bomb",
      { body: gzipSync(Buffer.alloc(200_000_000)), headers: { ...NDJSON, "Content-Encoding": "gzip" } },
      413,
      "BODY_TOO_LARGE",
    ],
    [
      "what is no gzip",
      { body: utf8("{}"), headers: { ...NDJSON, "Content-Encoding": "gzip" } },
      415,
      "CONTENT_ENCODING",
    ],
    [
      "a truncated gzip",
      { body: gzipSync(lines(good)).subarray(0, 20), headers: { ...NDJSON, "Content-Encoding": "gzip" } },
      415,
      "CONTENT_ENCODING",
    ],
    [
      "an unknown encoding",
      { body: utf8("{}"), headers: { ...NDJSON, "Content-Encoding": "br" } },
      415,
      "CONTENT_ENCODING",
    ],
    [
      "a form",
      { body: "a=1", headers: { "Content-Type": "application/x-www-form-urlencoded" } },
      415,
      "CONTENT_TYPE",
    ],
    [
      "Latin-1",
      { body: "{}", headers: { "Content-Type": "application/json; charset=latin1" } },
      415,
      "CONTENT_TYPE",
    ],
    [
      "a batch of CloudEvents that is none",
      { body: "{}", headers: { "Content-Type": "application/cloudevents-batch+json" } },
      400,
      "BODY_JSON",
    ],
  ])("%s", async (_, request, status, code) => {
    const streams = tape();
    const refusal = await post(streams, request).then(
      () => undefined,
      (thrown: unknown) => refusalOf(thrown),
    );
    expect(refusal?.statusCode).toBe(status);
    expect(JSON.parse(refusal?.body ?? "")).toEqual({ code, message: expect.any(String) });
    expect(streams.records).toEqual([]);
  });

  test.each([
    ["an unknown stream", "POST", "nowhere", 404, "STREAM_UNKNOWN"],
    ["a stream named like a member of every object", "POST", "constructor", 404, "STREAM_UNKNOWN"],
    ["another method", "PUT", "orders", 405, "METHOD"],
  ])("%s", (_, httpMethod, stream, status, code) => {
    const event = { ...posted({ body: "{}" }), httpMethod, pathParameters: { stream } };
    const find = () => sourceFor(requestOf(event), new Map([["orders", source]]));
    expect(find).toThrow(expect.objectContaining({ code }));
    expect(statusOf(find)).toBe(status);
  });
});

test("no good event among them makes 422, and 400 where none was JSON", async () => {
  const streams = tape();
  const status = async (...bad: readonly string[]) =>
    (await post(streams, { body: lines(...bad), headers: NDJSON })).answer.statusCode;
  expect(await status("{}", "{")).toBe(422);
  expect(await status("}", "{")).toBe(400);
  expect(streams.records).toEqual([]);
});

function statusOf(run: () => unknown): number | undefined {
  try {
    run();
  } catch (thrown) {
    return refusalOf(thrown)?.statusCode;
  }
  return undefined;
}

/** A text that does not compress to less than half. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(0x4e00 + (state % 20_000));
  }).join("");
}
