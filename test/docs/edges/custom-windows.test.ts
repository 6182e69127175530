import { expect, test } from "vitest";
import { collect, count, customWindows, epochMs, milliseconds, type Span } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import {
  type Build,
  failures,
  field,
  foldOf,
  given,
  NOON,
  panes,
  refusal,
  stagesOf,
  type Thing,
} from "./given.ts";

type Spans = readonly (readonly [start: number, end: number])[];
type Placed = Thing & { readonly spans: Spans };

const spansOf = (thing: Thing): Span[] =>
  (thing as Placed).spans.map(([start, end]) => ({ start: epochMs(NOON + start), end: epochMs(NOON + end) }));

const placed =
  (
    options: { merge?: boolean; name?: string; assign?: typeof spansOf } = {},
    lateness = milliseconds(0),
  ): Build =>
  (things) => {
    const { name = "placed", merge = false, assign = spansOf } = options;
    const counts = things
      .keyBy("k")
      .window(customWindows<Thing>(name, { assign, merge }), { id: "w", allowedLateness: lateness })
      .aggregate({ n: count(), order: collect(9, "n") });
    return { counts, late: counts.late };
  };
const inSpans = (...spans: Spans) => ({ spans });

test("A window need not contain the event's own time.", async () => {
  const driver = await given([inSpans([5_000, 6_000])], placed());
  expect(panes(driver, "counts", "n")).toEqual(["5000..6000 0 on-time 1"]);
});

test("A window that is named twice is one.", async () => {
  const driver = await given([inSpans([0, 1_000], [0, 1_000])], placed());
  expect(panes(driver, "counts", "n")).toEqual(["0..1000 0 on-time 1"]);
});

test("Windows of other bounds never share anything, even of one key.", async () => {
  const driver = await given([inSpans([0, 1_000]), inSpans([0, 2_000])], placed());
  expect(panes(driver, "counts", "n")).toEqual(["0..1000 0 on-time 1", "0..2000 0 on-time 1"]);
});

test("No window, an empty one and one of half milliseconds fail the event.", async () => {
  const events = [inSpans(), inSpans([0, 0]), inSpans([1_000, 0]), inSpans([0, 0.5]), inSpans([0, 1])];
  const driver = await given(events, placed());
  expect(panes(driver, "counts", "n")).toEqual(["0..1 0 on-time 1"]);
  expect(failures(driver)).toEqual(Array(4).fill("w WINDOW_SPAN"));
});

test("Where windows merge, each event has one.", async () => {
  const driver = await given([inSpans([0, 1], [5, 6])], placed({ merge: true }));
  expect(failures(driver)).toEqual(["w WINDOW_SPAN"]);
});

test("Windows that touch or overlap merge, and the earlier one's events come first.", async () => {
  const events = [
    { ...inSpans([1_000, 2_000]), n: 2 },
    { ...inSpans([0, 1_000]), n: 1 },
    inSpans([2_001, 3_000]),
  ];
  const driver = await given(events, placed({ merge: true }));
  expect(panes(driver, "counts", "n")).toEqual(["0..2000 0 on-time 2", "2001..3000 0 on-time 1"]);
});

test("Where `assign` throws, the event fails.", async () => {
  const assign = (): Span[] => {
    throw new Error("no");
  };
  const driver = await given([{}], placed({ assign }));
  expect(failures(driver)).toEqual(["w OPERATOR_FAILED"]);
});

test("An event is late where all its windows are gone.", async () => {
  const events = [
    { at: NOON + 1_000, ...inSpans([9_000, 9_001]) },
    inSpans([0, 1_000], [0, 2_000]),
    inSpans([0, 1_000]),
  ];
  const driver = await given(events, placed());
  expect(panes(driver, "counts", "n")).toContain("0..2000 0 on-time 1");
  expect(field(driver, "late", "spans")).toEqual([[[0, 1_000]]]);
});

test("`name` stands for the function: another is another state.", () => {
  const fingerprint = (name: string) => stagesOf(placed({ name }))[0]?.fingerprint;
  expect(fingerprint("placed")).toBe(fingerprint("placed"));
  expect(fingerprint("placed")).not.toBe(fingerprint("placed-2"));
  expect(refusal(placed({ name: "" }))).toBe("PLAN_OPTION");
});

test("What a window keeps goes with its end, whatever times its events have.", () => {
  const kept = (ms: number) =>
    foldOf(
      [inSpans([0, 1_000], [0, 9_000]), { k: "b", at: NOON + ms, ...inSpans([50_000, 60_000]) }],
      placed(),
    ).size;
  expect([999, 1_000, 8_999, 9_000].map(kept)).toEqual([3, 2, 2, 1]);
});

test("Open windows outlive a crash, and each result comes once.", async () => {
  const events = Array.from({ length: 24 }, (_, i) => {
    const start = ((i * 5) % 24) * 400;
    return { at: NOON + i * 300, ...inSpans([start, start + 500]) };
  });
  for (const build of [placed(), placed({ merge: true })]) {
    const rows = await throughCrashes(events, build);
    expect(rows("counts")).toEqual((await given(events, build)).lake("counts"));
    expect(rows("counts").length).toBeGreaterThan(2);
  }
});
