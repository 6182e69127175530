import { expect, test } from "vitest";
import {
  cumulating,
  type DurationMs,
  global,
  hopping,
  type KeyedFlow,
  milliseconds,
  minutes,
  seconds,
  session,
  tumbling,
} from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, foldOf, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";
import { bySign, facing, type Keyed, patient, refusalOfTwoTypes, row } from "./sides.ts";
import { DAMAGED, upgraded } from "./upgraded.ts";

type Type = "inner" | "left" | "full" | "semi" | "anti";
type Options = {
  readonly window?: ReturnType<typeof tumbling> | ReturnType<typeof hopping>;
  readonly type?: Type;
  readonly grace?: DurationMs;
};
type Row = {
  readonly window?: { readonly start: number };
  readonly left?: Thing | null;
  readonly right?: Thing | null;
  readonly n?: number;
};

/** Rows as the start of their window and the `n` of left and right; what `semi` and `anti` give by its `n`. */
const join = (left: Keyed, right: Keyed, { window = tumbling(seconds(1)), ...more }: Options = {}) => {
  const joined = left.join(right, { id: "j", window, ...more });
  return {
    joined: (joined as unknown as KeyedFlow<string, Row>).map((row, { time }) => ({
      is:
        row.window === undefined
          ? `${row.n}`
          : `${row.window.start - NOON}: ${row.left?.n ?? null} ${row.right?.n ?? null}`,
      time: time - NOON,
    })),
    late: joined.late.map(({ side, row }) => ({ is: `${side} ${row.n}` })),
  };
};

const joined = (options: Options = {}): Build => bySign((left, right) => join(left, right, options));
const is = (driver: Awaited<ReturnType<typeof given>>, table = "joined") => field(driver, table, "is");

test("Windows are half-open and aligned to the epoch, for both sides alike.", async () => {
  const events = [row(999, 1), row(0, -1), row(1_000, 2), row(1_999, -2)];
  expect(is(await given(events, joined(), patient))).toEqual(["0: 1 -1", "1000: 2 -2"]);
});

test("With hopping windows two rows meet in every window that both are in.", async () => {
  const window = hopping(seconds(3), seconds(1));
  const driver = await given([row(2_000, 1), row(3_500, -1)], joined({ window }), patient);
  expect(is(driver)).toEqual(["1000: 1 -1", "2000: 1 -1"]);
});

test("Whether a row has a partner is asked in each of its windows.", async () => {
  const window = hopping(seconds(2), seconds(1));
  const driver = await given([row(1_000, 1), row(2_000, -1)], joined({ window, type: "left" }), patient);
  expect(is(driver)).toEqual(["0: 1 null", "1000: 1 -1"]);
});

test("A window gives its rows once, when the watermark reaches its end.", async () => {
  const before = [row(0, 1), row(500, -1), row(999, 2)];
  const still = await given([...before, row(999, 3, "b")], joined(), { end: false });
  expect(is(still)).toEqual([]);
  const over = await given([...before, row(1_000, 3, "b")], joined(), { end: false });
  expect(is(over)).toEqual(["0: 1 -1", "0: 2 -1"]);
  await over.feed("things", [{ id: "late", ...row(500, -9) }]);
  await over.end();
  expect(is(over)).toEqual(["0: 1 -1", "0: 2 -1"]);
});

test("Left rows come by event time, and with each the right rows by event time; rows of one side and time come as they came.", async () => {
  const lefts = [row(700, 1), row(100, 2), row(100, 3)];
  const rights = [row(900, -1), row(300, -2)];
  const expected = ["2 -2", "2 -1", "3 -2", "3 -1", "1 -2", "1 -1"].map((pair) => `0: ${pair}`);
  expect(is(await given([...lefts, ...rights], joined(), patient))).toEqual(expected);
  expect(is(await given([...rights, ...lefts], joined(), patient))).toEqual(expected);
});

test("Of a side without rows only the other side's rows are told, where `type` says so.", async () => {
  const told = async (type: Type, n: number) =>
    is(await given([row(0, n), row(0, -n, "b")].slice(0, 1), joined({ type })));
  const types: readonly Type[] = ["inner", "left", "full", "semi", "anti"];
  const ofLeft = await Promise.all(types.map((type) => told(type, 1)));
  expect(ofLeft).toEqual([[], ["0: 1 null"], ["0: 1 null"], [], ["1"]]);
  const ofRight = await Promise.all(types.map((type) => told(type, -1)));
  expect(ofRight).toEqual([[], [], ["0: null -1"], [], []]);
  const ofTwoKeys = await given([row(0, 1, "a"), row(0, -1, "b")], joined({ type: "full" }));
  expect(is(ofTwoKeys)).toEqual(["0: 1 null", "0: null -1"]);
});

test("`semi` and `anti` give a left row as it is, once for a window, however many partners it has.", async () => {
  const events = [row(0, 1), row(1, 2, "b"), row(2, -1), row(3, -2), row(1_000, 3)];
  expect(is(await given(events, joined({ type: "semi" })))).toEqual(["1"]);
  expect(is(await given(events, joined({ type: "anti" })))).toEqual(["2", "3"]);
  const window = hopping(seconds(2), seconds(1));
  expect(is(await given(events, joined({ type: "semi", window })))).toEqual(["1", "1", "3"]);
});

test("The watermark is the lower one of both sides.", async () => {
  const events = [
    { to: "left", ...row(0, 1) },
    { to: "right", ...row(0, -1) },
    { to: "left", ...row(60_000, 2) },
  ] as const;
  const build = (left: Keyed, right: Keyed) => join(left, right);
  expect(is(await facing(events, build, { end: false }))).toEqual([]);
  const both = [...events, { to: "right", ...row(60_000, -2) }] as const;
  expect(is(await facing(both, build, { end: false }))).toEqual(["0: 1 -1"]);
  const idle = { threshold: minutes(1), incrementBy: minutes(1) };
  const ticked = await facing(events, build, { end: false, idle });
  expect(is(ticked)).toEqual([]);
  await ticked.advance(minutes(5));
  expect(is(ticked)).toEqual(["0: 1 -1"]);
});

test("A row is late where none of its windows is open any more.", async () => {
  const window = hopping(seconds(2), seconds(1));
  const events = [row(0, 1), row(1_500, 2), row(2_000, 3, "b"), row(999, -1), row(1_000, -2)];
  const driver = await given(events, joined({ window }));
  expect(is(driver, "late")).toEqual(["right -1"]);
  expect(is(driver)).toEqual(["1000: 2 -2"]);
});

test("`grace` keeps windows open so much longer, and their results come so much later.", async () => {
  const build = joined({ grace: milliseconds(500) });
  const until = async (ms: number) => given([row(0, 1), row(ms, 9, "b"), row(1, -1)], build, { end: false });
  const open = await until(1_499);
  expect([is(open), is(open, "late")]).toEqual([[], []]);
  await open.feed("things", [{ id: "closes", ...row(1_500, 9, "b") }]);
  expect(is(open)).toEqual(["0: 1 -1"]);
  expect(is(await until(1_500), "late")).toEqual(["right -1"]);
});

test("A result's event time is the last millisecond before it may be given: the window's end, and `grace`.", async () => {
  const time = async (options: Options) =>
    field(await given([row(0, 1), row(1, -1)], joined(options)), "joined", "time");
  expect(await time({})).toEqual([999]);
  expect(await time({ grace: milliseconds(500) })).toEqual([1_499]);
});

test("A row without a key is in no window.", async () => {
  const driver = await given([row(0, 1), { ...row(0, 2), k: "none" }, row(0, -1)], (things) => {
    const keyed = things.keyBy(({ k }) => (k === "none" ? (null as never) : k), { id: "keyed" });
    const right = keyed.filter(({ n }) => n < 0);
    return join(
      keyed.filter(({ n }) => n > 0),
      right,
      { type: "full" },
    );
  });
  expect(failures(driver)).toEqual(["keyed KEY_TYPE"]);
  expect(is(driver)).toEqual(["0: 1 -1"]);
});

test("A row that no log can keep fails.", async () => {
  const driver = await given([row(0, 1), row(0, 2), row(0, -1)], (things) => {
    const keyed = things.keyBy("k");
    const odd = keyed
      .filter(({ n }) => n > 0)
      .map((thing) => (thing.n === 2 ? { ...thing, f: () => 2 } : thing));
    return join(
      odd,
      keyed.filter(({ n }) => n < 0),
    );
  });
  expect(failures(driver)).toEqual(["j VALUE_UNSUPPORTED"]);
  expect(is(driver)).toEqual(["0: 1 -1"]);
});

test('Keys must be of one type; 5 is not "5".', async () => {
  const window = tumbling(seconds(1));
  expect(refusalOfTwoTypes((text, number) => text.join(number, { id: "j", window }))).toBe("PLAN_JOIN_KEY");
  const unsaid = await given([row(0, 1, "5"), row(0, -1, 5 as never), row(0, -2, "5")], joined());
  expect(is(unsaid)).toEqual(["0: 1 -2"]);
});

test("A row is kept once, however many windows it is in, and goes with the last of them.", () => {
  const window = hopping(seconds(8), seconds(1));
  const kept = (ms: number) => foldOf([row(0, 1), row(0, -1), row(ms, 9, "b")], joined({ window })).size;
  expect([kept(7_999), kept(8_000)]).toEqual([3, 1]);
});

test("Rows that wait outlive a crash, and each result comes once.", async () => {
  const events = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [row(i * 400, i + 1), row(i * 400, -i - 1)]);
  const rows = await throughCrashes(events, joined({ type: "full" }));
  expect(rows("joined")).toEqual((await given(events, joined({ type: "full" }))).lake("joined"));
  expect(rows("joined").length).toBeGreaterThan(8);
});

test("A stream that is joined with itself by its own key needs no shuffle.", async () => {
  expect(stagesOf(joined())).toHaveLength(1);
  const itself: Build = (things) => join(things.keyBy("k"), things.keyBy("k"));
  expect(is(await given([row(0, 1), row(1, 2)], itself))).toEqual(
    ["1 1", "1 2", "2 1", "2 2"].map((pair) => `0: ${pair}`),
  );
});

test("A row that an earlier version kept is migrated when it is given.", () => {
  const keeps: Parameters<typeof upgraded>[0] = (rowsOf, kept) =>
    rowsOf(({ n }) => n > 0)
      .join(
        rowsOf(({ n }) => n < 0),
        { id: "j", window: tumbling(seconds(1)), kept: { left: kept, right: kept } },
      )
      .map(({ left, right }) => ({ left, right }));
  const earlier = [row(0, 1), row(1_000, 2), row(1_000, DAMAGED)];
  expect(upgraded(keeps, earlier, [row(0, -1), row(1_000, -2)])).toEqual({
    given: [{ left: { two: 1 }, right: { two: -1 } }],
    failed: [
      {
        key: "a",
        window: { start: NOON + 1_000, end: NOON + 2_000 },
        left: [2, DAMAGED],
        right: [{ two: -2 }],
        code: "STATE_MIGRATION",
      },
    ],
  });
});

test("Another window, type or grace is another state.", () => {
  const fingerprint = (options: Options) => stagesOf(joined(options))[0]?.fingerprint;
  const others: readonly Options[] = [
    { window: tumbling(seconds(2)) },
    { type: "left" },
    { grace: seconds(1) },
  ];
  expect(new Set([{}, ...others].map(fingerprint)).size).toBe(4);
});

test("Windows that each side would have for itself are refused.", () => {
  const refused = (window: unknown) => refusal(joined({ window: window as never }));
  expect([tumbling(seconds(1)), hopping(seconds(2), seconds(1))].map(refused)).toEqual(["none", "none"]);
  const others = [session(seconds(1)), global(), cumulating(seconds(2), seconds(1))];
  expect(others.map(refused)).toEqual(Array(3).fill("PLAN_OPTION"));
});
