import type { Frame } from "../../shared/frames/frame.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, epochMs } from "../../shared/time/time.ts";

const sentAt = epochMs(1_357_016_100_000);

/** Released bytes in test/golden/frames by file name, and what they must always decode to. */
export const goldenFrames: Readonly<Record<string, Frame>> = {
  "tick.mrf1": { kind: "tick", stream: "flights", partition: 3, sentAt },
  "end.mrf1": { kind: "end", stream: "flights", partition: 0, sentAt },
  "events.mrf1": {
    kind: "events",
    stream: "flights",
    partition: 3,
    sentAt,
    events: [
      [
        "a-1",
        epochMs(1_357_016_000_000),
        { origin: "EWR", delay: 11.5, tail: null, note: "Zürich 😀 \ud800" },
      ],
      ["a-2", epochMs(-1), ["", 0, { $mr: "a field of the user's" }]],
    ],
  },
  "rows.mrf1": {
    kind: "rows",
    stage: "flight-delays.hourly",
    from: 2,
    to: 5,
    counter: 42,
    watermark: epochMs(1_357_012_800_000),
    sentAt,
    rows: [
      [0, "EWR", epochMs(1_357_012_799_999), { flights: 3, p95: 17.25 }],
      [
        1,
        12.5,
        epochMs(0),
        [Number.NaN, -0, undefined, 12n, new Map([["k", new Set([1])]]), new Uint8Array([0, 255])],
      ],
    ],
  },
  "rows-first.mrf1": {
    kind: "rows",
    stage: "s",
    from: 0,
    to: 0,
    counter: 1,
    watermark: BEGINNING_OF_TIME,
    sentAt,
    rows: [],
  },
  "rows-ended.mrf1": {
    kind: "rows",
    stage: "s",
    from: 0,
    to: 0,
    counter: 2,
    watermark: END_OF_TIME,
    sentAt,
    rows: [],
  },
  "rows-epoch.mrf1": {
    kind: "rows",
    stage: "flight-delays.hourly",
    from: 2,
    to: 5,
    epoch: 3,
    counter: 42,
    watermark: epochMs(1_357_012_800_000),
    sentAt,
    rows: [[0, "EWR", epochMs(1_357_012_799_999), { flights: 3, p95: 17.25 }]],
  },
  "rows-columns.mrf2": {
    kind: "rows",
    stage: "flight-delays.hourly",
    from: 2,
    to: 5,
    counter: 43,
    watermark: epochMs(1_357_012_800_000),
    sentAt,
    rows: ["EWR", 7, "JFK", "LGA"].map((key, i) => [
      i % 2,
      key,
      epochMs(1_357_012_799_999 + i),
      { flights: i, p95: i === 0 ? -0 : 17.25, tail: [null, undefined, 12n][i], note: "Zürich 😀 \ud800" },
    ]),
  },
  "events-columns-zstd.mrf2": {
    kind: "events",
    stream: "flights",
    partition: 1,
    sentAt,
    events: Array.from(
      { length: 60 },
      (_, i) => [`e${i}`, epochMs(i), { origin: i % 3 === 0 ? "JFK" : "EWR", delay: i / 4 }] as const,
    ),
  },
  "events-zstd.mrf1": {
    kind: "events",
    stream: "flights",
    partition: 1,
    sentAt,
    events: Array.from({ length: 60 }, (_, i) => [`e${i}`, epochMs(i), { origin: "JFK", delay: i }] as const),
  },
};
