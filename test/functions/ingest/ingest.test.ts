import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { sourceOf } from "../../../functions/ingest/source.ts";
import { MillraceError } from "../../../shared/errors/millrace-error.ts";
import { stream } from "../../../shared/events/stream.ts";
import { partitionOf } from "../../../shared/frames/partitioner.ts";
import type { OutRecord } from "../../../shared/protocol/ports.ts";
import { hours, milliseconds, minus, plus, seconds } from "../../../shared/time/time.ts";
import { allOn, eventsOn, JSON_TYPE, lines, NDJSON, NOW, orders, post, tape } from "./fixture.ts";

const order = { id: "a", shop: "north", at: NOW };

describe("a body", () => {
  test("of one JSON object is one event", async () => {
    const streams = tape();
    const { answer } = await post(streams, { body: JSON.stringify(order), headers: JSON_TYPE });
    expect(answer.statusCode).toBe(202);
    expect(JSON.parse(answer.body)).toEqual({ accepted: 1, rejected: [] });
    expect(allOn(streams)).toEqual([["a", NOW, order]]);
  });

  test("of a JSON array is an event for each element", async () => {
    const streams = tape();
    const { accepted } = await post(streams, { body: JSON.stringify([order, order]), headers: JSON_TYPE });
    expect(accepted).toBe(2);
    expect(allOn(streams)).toHaveLength(2);
  });

  test("of NDJSON is an event for each line that is not blank", async () => {
    const streams = tape();
    const body = `\ufeff${JSON.stringify(order)}\r\n\n  \n${JSON.stringify({ ...order, id: "b" })}\n`;
    expect((await post(streams, { body, headers: NDJSON })).accepted).toBe(2);
    expect(allOn(streams).map(([id]) => id)).toEqual(["a", "b"]);
  });

  test("may be gzip", async () => {
    const streams = tape();
    const headers = { ...NDJSON, "CONTENT-ENCODING": "gzip" };
    expect((await post(streams, { body: gzipSync(lines(order)), headers })).accepted).toBe(1);
    expect(allOn(streams)).toEqual([["a", NOW, order]]);
  });
});

test("events of a key go to the partition of the key, packed in one record, in order", async () => {
  const streams = tape();
  const events = Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, shop: `shop-${i % 7}`, at: NOW + i }));
  await post(streams, { body: lines(...events), headers: NDJSON });
  const used = new Set(events.map(({ shop }) => partitionOf(shop, 4)));
  expect(streams.records).toHaveLength(used.size);
  for (const [partition, packed] of eventsOn(streams))
    expect(packed.map(([, , payload]) => payload)).toEqual(
      events.filter(({ shop }) => partitionOf(shop, 4) === partition),
    );
});

test("the output of the schema is what is sent", async () => {
  const streams = tape();
  const schema = z.object({ at: z.string(), n: z.coerce.number().default(7) });
  const source = sourceOf(stream("orders", { schema, time: "at", key: "n", partitions: 1 }));
  await post(streams, { body: '{"at":"2023-11-14T22:13:20Z","extra":1}', headers: JSON_TYPE }, source);
  expect(allOn(streams)).toEqual([[expect.any(String), NOW, { at: "2023-11-14T22:13:20Z", n: 7 }]]);
});

test("a schema that answers later keeps the order of the events", async () => {
  const streams = tape();
  const schema = z.object({ n: z.number() }).refine(async ({ n }) => {
    for (let turn = 0; turn < 5 - n; turn++) await Promise.resolve();
    return n !== 2;
  }, "not two");
  const source = sourceOf(stream("orders", { schema, key: "n", partitions: 1 }));
  const body = lines({ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 });
  const { rejected } = await post(streams, { body, headers: NDJSON }, source);
  expect(rejected).toEqual([{ index: 2, code: "EVENT_SCHEMA", message: "not two" }]);
  expect(allOn(streams).map(([, , payload]) => payload)).toEqual([{ n: 0 }, { n: 1 }, { n: 3 }]);
});

describe("an event's id", () => {
  const idOf = async (event: object, headers: Record<string, string>): Promise<string | undefined> => {
    const streams = tape();
    await post(streams, { body: JSON.stringify(event), headers });
    return allOn(streams)[0]?.[0];
  };
  const { id: _, ...nameless } = order;

  test("is the payload's own", async () => {
    expect(await idOf(order, { ...JSON_TYPE, "Idempotency-Key": "k" })).toBe("a");
  });

  test("comes from the Idempotency-Key where the payload has none", async () => {
    expect(await idOf(nameless, { ...JSON_TYPE, "Idempotency-Key": "k" })).toBe("k/0");
  });

  test("is random where the client gives none", async () => {
    const ids = [await idOf(nameless, JSON_TYPE), await idOf(nameless, JSON_TYPE)];
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("may occur twice: both events are taken, and it is for the pipeline to drop one", async () => {
    const streams = tape();
    expect((await post(streams, { body: lines(order, order), headers: NDJSON })).accepted).toBe(2);
    expect(allOn(streams).map(([id]) => id)).toEqual(["a", "a"]);
  });
});

test("a stream without event time stamps the time of arrival", async () => {
  const streams = tape();
  const source = sourceOf(stream("orders", { schema: z.any(), key: () => 1, partitions: 1 }));
  await post(streams, { body: '{"id":"x"}', headers: JSON_TYPE }, source);
  expect(allOn(streams)).toEqual([["x", NOW, { id: "x" }]]);
});

test("limits of age and of the future refuse what lies beyond them, and nothing else", async () => {
  const streams = tape();
  const source = sourceOf(orders, { maxAge: hours(1), maxAhead: seconds(1) });
  const times = [
    minus(NOW, hours(1)),
    minus(NOW, milliseconds(3_600_001)),
    plus(NOW, seconds(1)),
    plus(NOW, milliseconds(1_001)),
  ];
  const body = lines(...times.map((at) => ({ ...order, at })));
  const { rejected } = await post(streams, { body, headers: NDJSON }, source);
  expect(rejected.map(({ index, code }) => [index, code])).toEqual([
    [1, "EVENT_TOO_OLD"],
    [3, "EVENT_AHEAD"],
  ]);
});

describe("a stream that does not take all records in time", () => {
  const event = (i: number) => ({ id: `${i}`, shop: `shop-${i % 7}`, at: NOW });
  const body = lines(...Array.from({ length: 50 }, (_, i) => event(i)), "{");
  const isLeft = (partition: number) => partition % 2 === 1;
  const failure = (records: readonly OutRecord[] | undefined) =>
    Object.assign(new MillraceError("PUBLISH_FAILED", "throttled", { next: "retried" }), { records });

  test("is told with exactly the events that are missing", async () => {
    const streams = {
      publish: async (_: string, records: readonly OutRecord[]) => {
        throw failure(records.filter(({ partition }) => isLeft(partition)));
      },
    };
    const { answer, accepted, unplaced } = await post(streams, { body, headers: NDJSON });
    const left = Array.from({ length: 50 }, (_, i) => i).filter((i) => isLeft(partitionOf(event(i).shop, 4)));
    expect(unplaced).toEqual(left);
    expect(accepted).toBe(50 - left.length);
    expect(answer.statusCode).toBe(503);
    expect(answer.headers["retry-after"]).toBe("1");
    expect(JSON.parse(answer.body)).toMatchObject({
      code: "PUBLISH_FAILED",
      accepted,
      unplaced: left,
      rejected: [{ index: 50, code: "EVENT_JSON" }],
    });
  });

  test("counts every event as missing where it cannot be told which are", async () => {
    const streams = { publish: () => Promise.reject(failure(undefined)) };
    expect((await post(streams, { body, headers: NDJSON })).unplaced).toHaveLength(50);
  });

  test("fails the request where the error is none of the stream's", async () => {
    const streams = { publish: () => Promise.reject(new Error("no network at all")) };
    await expect(post(streams, { body, headers: NDJSON })).rejects.toThrow("no network");
  });
});
