import { expect, test } from "vitest";
import { type KeyedFlow, type lake, milliseconds, minutes, seconds } from "../../../shared/index.ts";
import { shapeOf } from "../../../shared/plan/fingerprint.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, field, foldOf, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";
import { DAMAGED, type Keeps, upgraded, type Versioned, type Versions } from "./upgraded.ts";

const thingsOf = (...events: (readonly [ms: number, n: number])[]) =>
  events.map(([ms, n]) => ({ at: NOON + ms, n }));
const at = (...times: number[]) => times.map((ms, n) => ({ at: NOON + ms, n }));
const SECOND = seconds(1);
const patient = { outOfOrder: seconds(30) };

test("Spans are aligned to the epoch, start in, end out: two bursts may come right after each other.", async () => {
  const driver = await given(at(0, 999, 1_000, 1_001), (things) => {
    const few = things.keyBy("k").throttle({ id: "few", most: 1, per: SECOND });
    return { few, excess: few.excess };
  });
  expect(field(driver, "few", "n")).toEqual([0, 2]);
  expect(field(driver, "excess", "n")).toEqual([1, 3]);
});

test("Events exactly `quiet` apart are two bursts.", async () => {
  const settled = async (apart: number) =>
    field(
      await given(at(0, apart), (things) => ({
        out: things.keyBy("k").debounce({ id: "d", quiet: SECOND }),
      })),
      "out",
      "n",
    );
  expect(await settled(999)).toEqual([1]);
  expect(await settled(1_000)).toEqual([0, 1]);
});

test("Of several events at one time the last that came counts as last, the first as first.", async () => {
  const driver = await given(at(0, 0, 0), (things) => {
    const keyed = things.keyBy("k");
    return {
      last: keyed.sample({ id: "last", every: SECOND }),
      first: keyed.sample({ id: "first", every: SECOND, take: "first" }),
    };
  });
  expect([field(driver, "first", "n"), field(driver, "last", "n")]).toEqual([[0], [2]]);
});

test("`debounce` and `sample` go by event time, whatever the order in which events come.", async () => {
  const driver = await given(
    at(900, 100, 2_500),
    (things) => {
      const keyed = things.keyBy("k");
      return {
        sampled: keyed.sample({ id: "s", every: SECOND }),
        settled: keyed.debounce({ id: "d", quiet: SECOND }),
      };
    },
    patient,
  );
  expect(field(driver, "sampled", "n")).toEqual([0, 2]);
  expect(field(driver, "settled", "n")).toEqual([0, 2]);
});

test("`throttle` and `batch` go by the order of the log.", async () => {
  const driver = await given(
    at(900, 100),
    (things) => {
      const keyed = things.keyBy("k");
      return {
        few: keyed.throttle({ id: "t", most: 1, per: SECOND }),
        lists: keyed.batch({ id: "b", size: 2, within: SECOND }).map(({ values }) => ({
          ns: values.map(({ n }) => n),
        })),
      };
    },
    patient,
  );
  expect(field(driver, "few", "n")).toEqual([0]);
  expect(field(driver, "lists", "ns")).toEqual([[0, 1]]);
});

test("An event whose span is over is late; a batch takes every event.", async () => {
  const driver = await given(at(0, 1_000, 999), (things) => {
    const keyed = things.keyBy("k");
    return {
      throttled: keyed.throttle({ id: "t", most: 9, per: SECOND }).late,
      sampled: keyed.sample({ id: "s", every: SECOND }).late,
      lists: keyed
        .batch({ id: "b", size: 3, within: minutes(1) })
        .map(({ values }) => ({ n: values.length })),
    };
  });
  expect([field(driver, "throttled", "n"), field(driver, "sampled", "n")]).toEqual([[2], [2]]);
  expect(field(driver, "lists", "n")).toEqual([3]);
});

test("What passes at once keeps its time; what waited has the last millisecond before the watermark that it waited for.", async () => {
  const driver = await given(at(100), (things) => {
    const keyed = things.keyBy("k");
    const timed = (_: unknown, { time }: { readonly time: number }) => ({ time: time - NOON });
    return {
      throttled: keyed.throttle({ id: "t", per: SECOND }).map(timed),
      sampled: keyed.sample({ id: "s", every: SECOND }).map(timed),
      settled: keyed.debounce({ id: "d", quiet: SECOND }).map(timed),
    };
  });
  const times = (table: string) => field(driver, table, "time");
  expect([times("throttled"), times("sampled"), times("settled")]).toEqual([[100], [999], [1_099]]);
});

test("A batch is given when it is full, or when the watermark or an event of its key is `within` after its first.", async () => {
  const lists = async (...times: number[]) =>
    field(
      await given(
        at(...times),
        (things) => ({
          lists: things
            .keyBy("k")
            .batch({ id: "b", size: 2, within: SECOND })
            .map(({ values }) => ({ ns: values.map(({ n }) => n) })),
        }),
        { end: false },
      ),
      "lists",
      "ns",
    );
  expect(await lists(0, 500)).toEqual([[0, 1]]);
  expect(await lists(0)).toEqual([]);
  expect(await lists(0, 1_000)).toEqual([[0]]);
});

/** Each operator with what it gives, as texts. */
const paced =
  (ms = 1_000, most = 2): Build =>
  (things) => {
    const keyed = things.keyBy("k");
    const span = milliseconds(ms);
    const told = ({ id }: Thing) => ({ is: id });
    return {
      throttled: keyed.throttle({ id: "t", most, per: span }).map(told),
      settled: keyed.debounce({ id: "d", quiet: span }).map(told),
      sampled: keyed.sample({ id: "s", every: span }).map(told),
      lists: keyed
        .batch({ id: "b", size: most, within: span })
        .map(({ values }) => ({ is: values.map(({ id }) => id).join() })),
    };
  };

test("Keys are paced apart, and one that is silent is told by the watermark that others move, or by the end of the input.", async () => {
  const events = [{ k: "a" }, { k: "b" }, { k: "c", at: NOON + 1_000 }];
  const driver = await given(events, paced(), { end: false });
  const told = () => ["throttled", "settled", "sampled", "lists"].map((table) => field(driver, table, "is"));
  expect(told()).toEqual([
    ["e0", "e1", "e2"],
    ["e0", "e1"],
    ["e0", "e1"],
    ["e0", "e1"],
  ]);
  await driver.end();
  expect(told()).toEqual(Array(4).fill(["e0", "e1", "e2"]));
});

test("State of a key goes with its spans, bursts and batches.", () => {
  // four operators keep one key each, or two
  const kept = (ms: number) => foldOf([{ k: "a" }, { k: "b", at: NOON + ms }], paced()).size;
  expect([kept(999), kept(1_000)]).toEqual([8, 4]);
});

test("What waits outlives a crash, and each result comes once.", async () => {
  const events = Array.from({ length: 30 }, (_, i) => ({
    at: NOON + ((i * 7) % 30) * 150,
    k: i % 3 === 0 ? "b" : "a",
  }));
  const options = { outOfOrder: seconds(5) };
  const rows = await throughCrashes(events, paced(), options);
  const expected = await given(events, paced(), options);
  for (const table of ["throttled", "settled", "sampled", "lists"]) {
    expect(rows(table)).toEqual(expected.lake(table));
    expect(rows(table).length).toBeGreaterThan(0);
  }
});

test("An event that an earlier version kept is migrated when it is given.", () => {
  const [first, later] = [thingsOf([0, 1], [5_000, DAMAGED]), thingsOf([5_001, 3])];
  const fails = { code: "STATE_MIGRATION" };
  const rows =
    (of: (all: Versioned, kept: Versions) => ReturnType<Keeps>): Keeps =>
    (rowsOf, kept) =>
      of(
        rowsOf(() => true),
        kept,
      );
  const debounce = rows((all, kept) => all.debounce({ id: "d", quiet: SECOND, kept }));
  expect(upgraded(debounce, first)).toEqual({ given: [{ two: 1 }], failed: [fails] });
  const sample = rows((all, kept) => all.sample({ id: "s", every: SECOND, kept }));
  expect(upgraded(sample, first)).toEqual({ given: [{ two: 1 }], failed: [fails] });
  const batch = rows((all, kept) => all.batch({ id: "b", size: 3, within: minutes(5), kept }));
  expect(upgraded(batch, thingsOf([0, 1], [1, 2]), later)).toEqual({
    given: [{ key: "a", values: [{ two: 1 }, { two: 2 }, { two: 3 }] }],
    failed: [],
  });
  expect(upgraded(batch, first, later)).toEqual({
    given: [],
    failed: [
      { two: 3, ...fails },
      { key: "a", values: [1, DAMAGED], ...fails },
    ],
  });
});

test("Another span, `quiet`, number or size is another state.", () => {
  const shapes = (build: Build) =>
    (stagesOf(build)[0]?.nodes ?? []).flatMap((node) => (node.spec.kind === "pace" ? [shapeOf(node)] : []));
  const before = shapes(paced());
  expect(before).toHaveLength(4);
  const longer = shapes(paced(2_000));
  expect(longer.filter((shape) => before.includes(shape))).toEqual([]);
  // a number is asked of a throttle and of a batch
  expect(shapes(paced(1_000, 3)).filter((shape) => !before.includes(shape))).toHaveLength(2);
});

test("What can pace nothing is refused.", () => {
  const refused = (build: (keyed: KeyedFlow<string, Thing>) => { to(sink: ReturnType<typeof lake>): void }) =>
    refusal((things) => ({ out: build(things.keyBy("k")) }));
  expect(refused((keyed) => keyed.throttle({ per: SECOND } as never))).toBe("PLAN_ID_MISSING");
  expect(refused((keyed) => keyed.throttle({ id: "t", per: milliseconds(0) }))).toBe("PLAN_DURATION");
  expect(refused((keyed) => keyed.throttle({ id: "t", most: 0, per: SECOND }))).toBe("PLAN_OPTION");
  expect(refused((keyed) => keyed.batch({ id: "b", size: 10_001, within: SECOND }))).toBe("PLAN_OPTION");
});
