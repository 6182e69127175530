import type { Entry } from "../../shared/protocol/entry.ts";
import { type decodeFirstSnapshot, type Snapshot, THIS_OBJECT } from "../../shared/protocol/snapshot.ts";
import { KeptRow } from "../../shared/state/kept-row.ts";
import { AT_ONCE, NO_PLACES, type Page } from "../../shared/state/page.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, epochMs } from "../../shared/time/time.ts";

const counts = { input: 7, late: 1, failed: 1, skipped: 2, duplicates: 3, windows: 4 };
const at = epochMs(1_357_012_800_000);

/** Of a partition without channels whose events all have one time, and which no tick has reached. */
const atOneTime: Entry["time"] = {
  watermark: at,
  streamTime: at,
  processingTime: at,
  lastEventAt: at,
  firstTickAt: BEGINNING_OF_TIME,
  lastStepAt: BEGINNING_OF_TIME,
  channels: [],
};

/** Released entries in test/golden/entries by file name, and what they must always decode to. */
export const goldenEntries: Readonly<Record<string, Entry>> = {
  "first.json": {
    positions: [["shard-000", "49590338271490256608559692538361571095921575989136588898"]],
    time: {
      watermark: BEGINNING_OF_TIME,
      streamTime: BEGINNING_OF_TIME,
      processingTime: at,
      lastEventAt: BEGINNING_OF_TIME,
      firstTickAt: at,
      lastStepAt: BEGINNING_OF_TIME,
      channels: [],
    },
    counts,
    changes: [],
    channels: [],
    frames: [],
    views: [],
    lake: [],
    failed: [],
  },
  "columns.json": {
    positions: [["p.source/0", 43]],
    time: atOneTime,
    counts,
    changes: [],
    channels: [["p.next", 0, 4, at, at]],
    frames: [
      [
        "p.next",
        0,
        4,
        at,
        ["EWR", "JFK", 5, "LGA"].map(
          (key, i) => [0, key, epochMs(at + i), { delay: i, tail: undefined }] as const,
        ),
      ],
    ],
    views: [],
    lake: [],
    failed: [],
  },
  "kept-rows.json": {
    positions: [["p.source/0", 43]],
    time: atOneTime,
    counts,
    changes: [
      ["j", "put", "a", 0, at, 0, null, new KeptRow(2, { cents: 5, currency: "EUR" }), false],
      ["j", "put", "a", 1, at, 0, null, { cents: 5 }, false],
    ],
    channels: [["p.next", 0, 4, at, at]],
    frames: [["p.next", 0, 4, at, [[3, "a", at, { cents: 5 }] as const]]],
    views: [],
    lake: [],
    failed: [],
  },
  "control-values.json": {
    positions: [["p.source/0", 43]],
    time: atOneTime,
    counts,
    changes: [
      ["b", "put", "warm", { above: 25 }],
      ["b", "put", 4, new KeptRow(2, { above: 25, unit: "C" })],
      ["b", "drop", "odd"],
    ],
    channels: [["p.next", 0, 4, at, at]],
    frames: [
      [
        "p.next",
        0,
        4,
        at,
        [[3, "warm", at, { above: 25, unit: "C" }] as const, [3, "odd", at, null] as const],
      ],
    ],
    views: [],
    lake: [],
    failed: [],
  },
  "lookups.json": {
    positions: [["shard-000", "49590338271490256608559692538361571095921575989136588898"]],
    time: atOneTime,
    counts: { ...counts, unmatched: 5 },
    changes: [],
    channels: [],
    frames: [],
    views: [["priced", [["sale-1", 0, { price: 3 }]]]],
    lake: [],
    failed: [],
    lookedUp: [
      [
        "products",
        [
          ["pen", [{ sku: "pen", price: 3 }]],
          ["none"],
          [7, [null, null, "a row does not fit its schema (price: expected number)"]],
        ],
      ],
      [
        "rates",
        [["USD", [{ euros: 0.5 }, epochMs(at - 1)], [{ euros: 0.75 }, at], [null, epochMs(at + 1), "odd"]]],
      ],
    ],
  },
  "full.json": {
    positions: [
      ["p.source/0", 42],
      ["p.source/1", 7],
    ],
    time: {
      watermark: at,
      streamTime: epochMs(at + 5),
      processingTime: epochMs(at + 9),
      lastEventAt: epochMs(at + 9),
      firstTickAt: BEGINNING_OF_TIME,
      lastStepAt: BEGINNING_OF_TIME,
      channels: [
        ["p.source/0", END_OF_TIME],
        ["p.source/1", at],
      ],
    },
    counts,
    changes: [
      ["w", "put", at, "EWR", [3, { sum: 1.5, count: 2 }, new Map([[-5, 1]]), null], 1, 2],
      ["w", "drop", epochMs(0)],
      ["s", "put", 12, at, END_OF_TIME, [12n, undefined, new Set(["a"])], 0, 1],
      ["d", "put", "flight-1", at],
    ],
    channels: [
      ["p.next", 0, 3, at, at],
      ["p.next", 1, 0, BEGINNING_OF_TIME, BEGINNING_OF_TIME],
    ],
    frames: [["p.next", 0, 3, END_OF_TIME, [[0, "EWR", at, { delay: -0, note: "Zürich 😀 \ud800" }]]]],
    views: [
      [
        "hourly",
        [
          ["EWR", at, { n: 1 }],
          [5, "gone", undefined],
        ],
      ],
    ],
    lake: [["late", { day: "2013-01-01" }, [{ id: "x", $mr: "a field of the user's" }, [1, 2]]]],
    failed: [
      {
        payload: "{",
        error: { code: "EVENT_SCHEMA", name: "MillraceError", message: "no" },
        pipeline: "p",
        stage: "p.source",
        operator: "p.source",
        position: "shard-000:1#0",
        id: "e1",
        time: at,
        codeVersion: "code-1",
      },
    ],
  },
};

const { positions, time, channels, changes } = goldenEntries["full.json"] as Entry;

/** Snapshots of the first format in test/golden/snapshots. */
export const goldenSnapshots: Readonly<Record<string, ReturnType<typeof decodeFirstSnapshot>>> = {
  "empty.mrs1": { positions: [], time, counts, channels: [], fingerprint: "0123456789abcdef", changes: [] },
  "full.mrs1": { positions, time, counts, channels, fingerprint: "0123456789abcdef", changes },
};

const goldenPage: Page = {
  operator: "w",
  first: undefined,
  chain: [
    { object: "snapshots/p.w/0/0/000000000900-n", offset: 77, length: 40, chars: 60 },
    { object: THIS_OBJECT, offset: 0, length: 12, chars: 12 },
  ],
  summary: { due: at, streamDue: END_OF_TIME, until: epochMs(at + 1), marks: [at], count: 2 },
  resident: false,
  places: NO_PLACES,
  pending: [],
  used: 0,
};

/** That in test/golden/snapshots/pages-by-processing-time.mrs2: of operators of which some wait for it. */
export const goldenPagesByProcessingTime = (): Snapshot => ({
  ...goldenPages.snapshot,
  pages: new Map(
    [...goldenPages.snapshot.pages].map(([id, pages]) => [
      id,
      pages.map((page, i) => {
        const processingDue = i === 0 ? epochMs(at + 2) : END_OF_TIME;
        return id === "w" ? { ...page, summary: { ...page.summary, processingDue } } : page;
      }),
    ]),
  ),
});

/** That in test/golden/snapshots/pages-of-a-process.mrs3: what waits for a clock, and what is deleted by one. */
export const goldenPagesOfProcess = (): Snapshot => ({
  ...goldenPages.snapshot,
  pages: new Map(
    [...goldenPages.snapshot.pages].map(([id, pages]) => [
      id,
      pages.map((page, i) => {
        const processingDue = i === 0 ? END_OF_TIME : AT_ONCE;
        const sweepDue = i === 0 ? epochMs(at + 900) : END_OF_TIME;
        return id === "w" ? { ...page, summary: { ...page.summary, processingDue, sweepDue } } : page;
      }),
    ]),
  ),
});

/** The snapshot in test/golden/snapshots/pages.mrs2, and the blocks that stand in it. */
export const goldenPages: { readonly snapshot: Snapshot; readonly blocks: readonly Uint8Array[] } = {
  snapshot: {
    head: { positions, time, counts, channels, fingerprint: "0123456789abcdef" },
    unpaged: [{ object: THIS_OBJECT, offset: 12, length: 2, chars: 2 }],
    pages: new Map([
      ["w", [goldenPage, { ...goldenPage, first: [at, "EWR"] }]],
      ["s", [{ ...goldenPage, operator: "s", first: [0, 7] }]],
    ]),
    objects: new Map([
      [THIS_OBJECT, 14],
      ["snapshots/p.w/0/0/000000000900-n", 200],
    ]),
  },
  blocks: [new TextEncoder().encode('[[0,"k",1]]\n'), new TextEncoder().encode("[]")],
};
