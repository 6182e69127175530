import { describe, expect, test } from "vitest";
import { z } from "zod";
import { sourceOf } from "../../../functions/ingest/source.ts";
import { stream } from "../../../shared/events/stream.ts";
import { epochMs } from "../../../shared/time/time.ts";
import { allOn, JSON_TYPE, NOW, post, tape } from "./fixture.ts";

const data = { shop: "north", at: NOW };
const event = { specversion: "1.0", id: "e1", source: "/shops", type: "order.placed", data };
const ONE = { "Content-Type": "application/cloudevents+json; charset=UTF-8" };
const BATCH = { "Content-Type": "application/cloudevents-batch+json" };
const BINARY = {
  ...JSON_TYPE,
  "Ce-Specversion": "1.0",
  "ce-id": "caf%C3%A9",
  "ce-source": "/shops",
  "ce-type": "order.placed",
};

describe("CloudEvents", () => {
  test("in structured mode carry the payload as data", async () => {
    const streams = tape();
    expect((await post(streams, { body: JSON.stringify(event), headers: ONE })).accepted).toBe(1);
    expect(allOn(streams)).toEqual([["e1", NOW, data]]);
  });

  test("in batch mode are judged one by one", async () => {
    const streams = tape();
    const { data: _, ...empty } = event;
    const batch = [
      event,
      7,
      { ...event, specversion: "0.3" },
      { ...event, id: "" },
      { ...event, type: undefined },
      { ...event, datacontenttype: "text/plain" },
      { ...event, time: 5 },
      { ...empty, data_base64: "e30=" },
      { ...event, data: { shop: 1, at: NOW } },
      { ...event, id: "e2", datacontenttype: "application/vnd.order+json" },
    ];
    const { rejected } = await post(streams, { body: JSON.stringify(batch), headers: BATCH });
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7].map((index) => [index, "EVENT_CLOUDEVENT"]),
      [8, "EVENT_SCHEMA"],
    ]);
    expect(allOn(streams).map(([id]) => id)).toEqual(["e1", "e2"]);
  });

  test("in binary mode have their attributes in headers, percent-encoded", async () => {
    const streams = tape();
    expect((await post(streams, { body: JSON.stringify(data), headers: BINARY })).accepted).toBe(1);
    expect(allOn(streams)).toEqual([["café", NOW, data]]);
  });

  test("in binary mode are one event, even where their data is an array", async () => {
    const streams = tape();
    const { rejected } = await post(streams, { body: JSON.stringify([data, data]), headers: BINARY });
    expect(rejected).toMatchObject([{ index: 0, code: "EVENT_SCHEMA" }]);
  });

  test("in binary mode without an id are refused", async () => {
    const headers = { ...BINARY, "ce-id": "" };
    const { rejected } = await post(tape(), { body: JSON.stringify(data), headers });
    expect(rejected).toMatchObject([{ index: 0, code: "EVENT_CLOUDEVENT" }]);
  });

  test("give their time to a stream that declares no event time", async () => {
    const streams = tape();
    const timeless = sourceOf(stream("orders", { schema: z.any(), key: () => 1, partitions: 1 }));
    const at = (time: string) => ({ ...event, time });
    const body = JSON.stringify([at("2024-01-01T00:00:00Z"), at("yesterday")]);
    const { rejected } = await post(streams, { body, headers: BATCH }, timeless);
    expect(rejected).toMatchObject([{ index: 1, code: "EVENT_TIME" }]);
    expect(allOn(streams)).toEqual([["e1", epochMs(1_704_067_200_000), data]]);
  });
});
