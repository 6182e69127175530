import { expect, test } from "vitest";
import { type KeyedFlow, type lake, milliseconds, minutes, seconds } from "../../../shared/index.ts";
import { field, given, NOON, refusal, type Thing } from "./given.ts";

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

test("What can pace nothing is refused.", () => {
  const refused = (build: (keyed: KeyedFlow<string, Thing>) => { to(sink: ReturnType<typeof lake>): void }) =>
    refusal((things) => ({ out: build(things.keyBy("k")) }));
  expect(refused((keyed) => keyed.throttle({ per: SECOND } as never))).toBe("PLAN_ID_MISSING");
  expect(refused((keyed) => keyed.throttle({ id: "t", per: milliseconds(0) }))).toBe("PLAN_DURATION");
  expect(refused((keyed) => keyed.throttle({ id: "t", most: 0, per: SECOND }))).toBe("PLAN_OPTION");
  expect(refused((keyed) => keyed.batch({ id: "b", size: 10_001, within: SECOND }))).toBe("PLAN_OPTION");
});
