import { describe, expect, test } from "vitest";
import {
  collect,
  count,
  countMin,
  cumulating,
  epochMs,
  first,
  hopping,
  max,
  milliseconds as ms,
  quantile,
  sum,
  tumbling,
} from "../../shared/index.ts";
import type { Aggregate } from "../../shared/operators/aggregate.ts";
import { Combiner } from "../../shared/operators/combine/combiner.ts";
import { Partials } from "../../shared/operators/combine/partial.ts";
import { COMBINED_EDGE, type CombineSpec, type Row } from "../../shared/operators/combine/spec.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { FeedSpec, Stage } from "../../shared/operators/stage.ts";
import { BEGINNING_OF_TIME } from "../../shared/time/time.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { shapes } from "./shapes.ts";

type Aggregates = CombineSpec["aggregates"];
const untyped = (some: Record<string, Aggregate<Reading, unknown>>): Aggregates =>
  some as unknown as Aggregates;

const row = (t: number, k = "a", n = 1): Row => [
  0,
  k,
  epochMs(t),
  { id: `${t}`, k, t, n, note: "x".repeat(80) },
];
const timesOf = (rows: readonly Row[]): unknown[] => rows.map(([, key, time]) => `${key}${time}`);

describe("rows that come back to a slice after one of the next", () => {
  const hop = hopping(ms(20), ms(10));
  const cumulate = cumulating(ms(20), ms(10));
  test.each<[string, CombineSpec["window"], Aggregates, string[]]>([
    ["a count", hop, untyped({ x: count() }), ["a3", "a11"]],
    ["a quantile", hop, untyped({ x: quantile<Reading>(0.5, "n") }), ["a3", "a11"]],
    ["the first", hop, untyped({ x: first<Reading, "id">("id") }), ["a3", "a11"]],
    ["a list", hop, untyped({ x: collect<Reading, "id">(9, "id") }), ["a1", "a11", "a3"]],
    ["a sum of doubles", cumulate, untyped({ x: sum<Reading>("n") }), ["a1", "a11", "a3"]],
    ["a count and a list", cumulate, untyped({ x: count(), y: collect<Reading>(9) }), ["a1", "a11", "a3"]],
    [
      "a list of a tumbling window",
      tumbling(ms(10)),
      untyped({ x: collect<Reading, "id">(9, "id") }),
      ["a3", "a11"],
    ],
  ])("become part of its one row only where nobody can tell: %s", (_, window, aggregates, expected) => {
    const rows = [row(1), row(11), row(3)];
    expect(timesOf(new Combiner({ window, aggregates }).combined(rows, BEGINNING_OF_TIME, true))).toEqual(
      expected,
    );
  });
});

describe("rows that were combined before", () => {
  const window = tumbling(ms(10));

  test("are combined again without a look at their values as events", () => {
    const aggregates = untyped({
      x: count(({ id }) => {
        if (id === undefined) throw new TypeError("no event");
        return true;
      }),
      top: max<Reading>("n"),
    });
    const rows: Row[] = [
      [COMBINED_EDGE, "a", epochMs(2), { n: 4, "=x": 3, "=top": 7 }],
      row(5, "a", 9),
      [COMBINED_EDGE, "a", epochMs(3), { n: 2, "=x": 1, "=top": 8 }],
    ];
    expect(new Combiner({ window, aggregates }).combined(rows, BEGINNING_OF_TIME, true)).toEqual([
      [COMBINED_EDGE, "a", 5, { n: 7, "=x": 5, "=top": 9 }],
    ]);
  });

  test.each<[string, unknown]>([
    ["with another aggregate", { n: 1, "=x": 1, "=z": 1 }],
    ["with one aggregate fewer", { n: 1, "=x": 1 }],
    ["with one aggregate more", { n: 1, "=x": 1, "=y": [], "=z": 1 }],
    ["with a number where a list should be", { n: 1, "=x": 1, "=y": 1 }],
    ["without its number of events", { m: 1, "=x": 1, "=y": [] }],
    ["of half an event", { n: 0.5, "=x": 1, "=y": [] }],
    ["of nothing", null],
    ["of a text", "n"],
  ])("are refused where they are another operator's: %s", (_, value) => {
    const partials = new Partials(untyped({ x: count(), y: collect<Reading>(3) }));
    expect(() => partials.checked(value)).toThrow(
      expect.objectContaining({
        code: "PARTIAL_UNKNOWN",
        next: "dead-lettered",
        message: `a combined row with ${Object.keys((typeof value === "object" ? value : null) ?? {}).join(", ")}, where =x, =y are wanted`,
      }),
    );
    const right = { n: 1, "=x": 1, "=y": [] };
    expect(partials.checked(right)).toBe(right);
  });
});

describe("rows of a key become one", () => {
  // some 1,400 counters, whatever they count
  const spec: CombineSpec = {
    window: tumbling(ms(10)),
    aggregates: untyped({ often: countMin<Reading>("id") }),
  };
  const sent = (many: number): string[] => {
    const rows = [...Array.from({ length: many }, () => row(1, "a")), row(1, "b")];
    return new Combiner(spec).combined(rows, BEGINNING_OF_TIME).map(([edge, key]) => `${key}${edge}`);
  };

  test("where that is lighter", () => {
    expect(new Set(sent(20))).toEqual(new Set(["a0", "b0"]));
    expect(sent(70)).toEqual(["a1", "b0"]);
  });

  test("even where that is heavier, if it is lighter for all keys together", () => {
    expect(sent(300)).toEqual(["a1", "b1"]);
  });
});

describe("a stage that hands rows on to a window behind it", () => {
  const feed = (combine: CombineSpec | undefined): Stage => {
    const stage = sourceStage((all) => ({ out: all.map((one) => one) }));
    const spec: FeedSpec = {
      kind: "feed",
      stage: "p.w",
      partitions: 2,
      edge: 0,
      reach: "key",
      ...(combine !== undefined && { combine }),
    };
    return {
      ...stage,
      input: { kind: "internal", upstreams: [{ stage: "up", partitions: 1 }] },
      nodes: [{ id: "to:w:0", spec, inputs: [{ edge: 0 }], onError: "dead-letter" as never }],
    };
  };
  const partial = { n: 3, "=x": 3 };
  const combine: CombineSpec = { window: tumbling(ms(10)), aggregates: untyped({ x: count() }) };

  test("hands combined rows on as such, and counts the events in them", () => {
    const fold = new Fold(feed(combine), { codeVersion: "c" });
    fold.row(COMBINED_EDGE, "a", epochMs(4), partial);
    fold.row(0, "b", epochMs(5), { id: "e" });
    const { outputs, counts } = fold.seal();
    expect(outputs.feeds.get("p.w")).toEqual([
      [COMBINED_EDGE, "a", 4, partial],
      [0, "b", 5, { id: "e" }],
    ]);
    expect(counts.input).toBe(4);
  });

  test("takes none where none were asked of it", () => {
    const fold = new Fold(feed(undefined), { codeVersion: "c" });
    fold.row(COMBINED_EDGE, "a", epochMs(4), partial);
    expect(fold.seal().outputs.failed).toMatchObject([
      { error: { code: "PARTIAL_UNKNOWN" }, payload: partial },
    ]);
  });
});

describe.each([
  // the last window of their first slice is over, with its lateness, at this watermark
  ["tumbling windows behind a shuffle that combines", 20 + 15],
  ["hopping windows behind a shuffle that combines", 24 + 7],
  ["hopping windows of slices behind a shuffle that combines", 24],
  ["windows that cumulate behind a shuffle that combines", 30 + 12],
])("%s", (shape, over) => {
  const stage = shapes[shape] as Stage;
  const spec = stage.nodes.find((node) => node.id === "w")?.spec as unknown as CombineSpec;
  const rows = Array.from({ length: 24 }, (_, i) => row(i * 2 - (i % 3), "ab"[i % 2], 1 + (i % 2)));
  const combined = new Combiner(spec).combined(rows, BEGINNING_OF_TIME, true);
  const tell = (fold: Fold, at: number): void => {
    for (const channel of ["up/0", "up/1"]) fold.channelWatermark(channel, epochMs(at));
  };
  const folded = (some: readonly Row[]): Fold => {
    const fold = new Fold(stage, { codeVersion: "c" });
    for (const one of some) fold.row(...one);
    return fold;
  };

  test("give of combined rows what they give of all rows", () => {
    expect(combined.length).toBeLessThan(rows.length);
    const [all, fewer] = [folded(rows), folded(combined)];
    expect(fewer.size).toBe(all.size);
    for (const at of [10, 24, 31, 1_000]) {
      for (const fold of [all, fewer]) tell(fold, at);
      expect([...fewer.seal().outputs.feeds]).toEqual([...all.seal().outputs.feeds]);
    }
    expect(fewer.seal().counts).toEqual(all.seal().counts);
    expect([...fewer.seal().outputs.feeds.values()].flat().length).toBeGreaterThan(4);
  });

  test("take a combined row as long as one of its windows is open, and no longer", () => {
    const [one] = combined as [Row];
    const [before, after] = [folded([]), folded([])];
    tell(before, over - 1);
    tell(after, over);
    for (const fold of [before, after]) fold.row(...one);
    expect(before.seal().outputs.failed).toEqual([]);
    expect(before.seal().changes.length + before.size).toBeGreaterThan(0);
    expect(after.size).toBe(0);
    expect(after.seal().outputs.failed).toMatchObject([
      {
        payload: one[3],
        error: {
          code: "PARTIAL_UNKNOWN",
          message: 'operator "w": a combined row for windows that are over',
        },
      },
    ]);
  });
});

describe("a select", () => {
  const selecting = (tree: unknown): unknown => {
    const stage = sourceStage((all) => ({ out: all.map((one) => one) }));
    const nodes = stage.nodes.map((node) =>
      node.spec.kind === "map" ? { ...node, spec: { kind: "select", tree } as never } : node,
    );
    const fold = new Fold({ ...stage, nodes }, { codeVersion: "c" });
    fold.event("1", epochMs(1), "a", { id: "e", t: 1, more: { x: 1, y: 2 } }, 0);
    return [...fold.seal().outputs.feeds.values()].flat().map(([, , , value]) => value);
  };

  test("gives the fields that it names, or all of them", () => {
    expect(
      selecting(
        new Map<string, unknown>([
          ["id", true],
          ["more", new Map([["y", true]])],
        ]),
      ),
    ).toEqual([{ id: "e", more: { y: 2 } }]);
    expect(selecting(true)).toEqual([{ id: "e", t: 1, more: { x: 1, y: 2 } }]);
  });
});
