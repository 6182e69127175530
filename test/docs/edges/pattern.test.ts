import { expect, test } from "vitest";
import { type MatchOptions, minutes, type Pattern, pattern, seconds } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, foldOf, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";
import { DAMAGED, type Keeps, upgraded, type Versioned } from "./upgraded.ts";

type Options = Omit<MatchOptions<string>, "id">;
const kind =
  (n: number) =>
  (thing: Thing): boolean =>
    thing.n === n;
/** 1 and then 2 within a second; the `n` of events say what they are. */
const PAIR = pattern<Thing>().begin("one", kind(1)).followedBy("two", kind(2)).within(seconds(1));

/** Matches by the ids of their events, step by step, with their own time; timeouts and late events beside them. */
const matched =
  (looked: Pattern<Thing, string>, options: Options = {}): Build =>
  (things) => {
    const matches = things.keyBy("k").match(looked, { id: "m", ...options });
    const told = ({ match }: { readonly match: Readonly<Record<string, readonly Thing[]>> }) =>
      Object.values(match)
        .map((taken) => taken.map(({ id }) => id).join("+"))
        .join(" ");
    return {
      out: matches.map((row, { time }) => ({ is: told(row), time: time - NOON })),
      timeouts: matches.timeouts.map((row, { time }) => ({ is: told(row), time: time - NOON })),
      late: matches.late.map(({ id }) => ({ is: id })),
    };
  };
const event = (ms: number, n: number, k = "a") => ({ at: NOON + ms, n, k });
const is = (driver: Awaited<ReturnType<typeof given>>, table = "out") => field(driver, table, "is");
const patient = { outOfOrder: minutes(1) };
const open = { end: false };

test("Events are looked at in the order of their times, those of one time as they came, once the watermark is beyond them.", async () => {
  const build = matched(PAIR);
  expect(is(await given([event(5, 2), event(0, 1)], build, patient))).toEqual(["e1 e0"]);
  expect(is(await given([event(0, 1), event(0, 2)], build))).toEqual(["e0 e1"]);
  expect(is(await given([event(0, 2), event(0, 1)], build))).toEqual([]);
  const waiting = await given([event(0, 1), event(1, 2), event(1, 0, "b")], build, open);
  expect(is(waiting)).toEqual([]);
  await waiting.feed("things", [{ id: "beyond", ...event(2, 0, "b") }]);
  expect(is(waiting)).toEqual(["e0 e1"]);
});

test("An event behind the watermark is late, on whichever key.", async () => {
  const driver = await given([event(0, 1), event(10, 0, "b"), event(9, 2), event(10, 2)], matched(PAIR));
  expect([is(driver, "late"), is(driver)]).toEqual([["e2"], ["e0 e3"]]);
});

test("A match's last event comes less than `within` after its first.", async () => {
  expect(is(await given([event(0, 1), event(999, 2)], matched(PAIR)))).toEqual(["e0 e1"]);
  expect(is(await given([event(0, 1), event(1_000, 2)], matched(PAIR)))).toEqual([]);
});

test("Keys do not share matches, and no event of another key lies between those of a match.", async () => {
  const strict = pattern<Thing>().begin("one", kind(1)).next("two", kind(2)).within(seconds(1));
  expect(is(await given([event(0, 1), event(1, 0, "b"), event(2, 2)], matched(strict)))).toEqual(["e0 e2"]);
  expect(is(await given([event(0, 1), event(1, 2, "b")], matched(strict)))).toEqual([]);
});

test("One event may end a match, go on with another and begin a third.", async () => {
  const three = pattern<Thing>().begin("all", kind(1)).times(3).within(seconds(1));
  const events = [0, 1, 2, 3].map((ms) => event(ms, 1));
  expect(is(await given(events, matched(three)))).toEqual(["e0+e1+e2", "e1+e2+e3"]);
});

test("Several matches at once are given by their first event, then event by event; where one ends another, the earlier one counts.", async () => {
  const any = pattern<Thing>()
    .begin("one", kind(1))
    .followedByAny("more", kind(1))
    .followedBy("two", kind(2));
  const events = [event(0, 1), event(1, 1), event(2, 1), event(3, 2)];
  const within = any.within(seconds(1));
  expect(is(await given(events, matched(within)))).toEqual(["e0 e1 e3", "e0 e2 e3", "e1 e2 e3"]);
  expect(is(await given(events, matched(within, { skip: "skipToNext" })))).toEqual(["e0 e1 e3", "e1 e2 e3"]);
  expect(is(await given(events, matched(within, { skip: "skipPastLastEvent" })))).toEqual(["e0 e1 e3"]);
});

const UNANSWERED = pattern<Thing>().begin("one", kind(1)).notFollowedBy("two", kind(2)).within(seconds(1));

test("A match has the time of its last event, or the last millisecond of its own time where it had to wait for that.", async () => {
  const pair = await given([event(0, 1), event(500, 2), event(5_000, 0)], matched(PAIR));
  expect(pair.lake("out")).toEqual([{ is: "e0 e1", time: 500 }]);
  const none = await given([event(0, 1), event(5_000, 0)], matched(UNANSWERED));
  expect(none.lake("out")).toEqual([{ is: "e0", time: 999 }]);
});

test("`timeouts` are matches under way whose time was over, as far as they had come, once each; what had been a match already is none.", async () => {
  const cut = await given([event(0, 1), event(1, 1), event(500, 2)], matched(PAIR));
  expect(is(cut, "timeouts")).toEqual([]);
  const alone = await given([event(0, 1), event(1_000, 2)], matched(PAIR));
  expect(alone.lake("timeouts")).toEqual([{ is: "e0 ", time: 999 }]);
  const more = pattern<Thing>()
    .begin("one", kind(1))
    .oneOrMore()
    .followedBy("two", kind(2))
    .within(seconds(1));
  const under = await given([event(0, 1), event(1, 1)], matched(more));
  expect(is(under, "timeouts")).toEqual(["e0 ", "e0+e1 ", "e1 "]);
  const already = pattern<Thing>().begin("one", kind(1)).oneOrMore().within(seconds(1));
  const match = await given([event(0, 1)], matched(already));
  expect([is(match), is(match, "timeouts")]).toEqual([["e0"], []]);
});

test("Time is over by the watermark, though the key has no other event; and when the input ends.", async () => {
  const waits = async (ms: number) =>
    is(await given([event(0, 1), event(ms, 0, "b")], matched(UNANSWERED), open));
  expect([await waits(999), await waits(1_000)]).toEqual([[], ["e0"]]);
  const ended = await given([event(0, 1)], matched(PAIR));
  expect(is(ended, "timeouts")).toEqual(["e0 "]);
  expect(is(await given([event(0, 1)], matched(UNANSWERED)))).toEqual(["e0"]);
});

test("A condition that throws fails its event; for the pattern it has not come.", async () => {
  const odd = pattern<Thing>()
    .begin("one", kind(1))
    .next("two", ({ n }) => {
      if (n === 13) throw new Error("thirteen");
      return n === 2;
    })
    .within(seconds(1));
  const events = [event(0, 1), event(1, 13), event(2, 2)];
  const driver = await given(events, matched(odd));
  expect([failures(driver), is(driver)]).toEqual([["m OPERATOR_FAILED"], ["e0 e2"]]);
  const skipped = await given(events, matched(odd, { onError: "skip" }));
  expect([failures(skipped), is(skipped)]).toEqual([[], ["e0 e2"]]);
});

test("An event that would make more matches under way than `maxRuns` fails, and those that are under way go on.", async () => {
  const events = [event(0, 1), event(1, 1), event(2, 1), event(2, 1, "b"), event(3, 2)];
  const driver = await given(events, matched(PAIR, { maxRuns: 2 }));
  expect(failures(driver)).toEqual(["m PATTERN_RUNS"]);
  expect(is(driver)).toEqual(["e0 e4", "e1 e4"]);
});

test("State goes with `within`, and with the watermark where nothing is under way.", () => {
  const kept = (...events: readonly ReturnType<typeof event>[]) => foldOf(events, matched(PAIR)).size;
  // the event that moves the watermark still waits for it
  expect(kept(event(0, 1), event(999, 0, "b"))).toBe(2);
  expect(kept(event(0, 1), event(1_000, 0, "b"))).toBe(1);
  expect(kept(event(0, 0), event(1, 0, "b"))).toBe(1);
});

test("Matches under way outlive a crash, and each match is given once.", async () => {
  const events = Array.from({ length: 24 }, (_, i) => event(i * 100, 1 + (i % 3), i % 5 === 0 ? "b" : "a"));
  const rows = await throughCrashes(events, matched(PAIR));
  const expected = await given(events, matched(PAIR));
  expect(rows("out")).toEqual(expected.lake("out"));
  expect(rows("timeouts")).toEqual(expected.lake("timeouts"));
  expect(rows("out").length).toBeGreaterThan(5);
});

test("What can never match is refused, and words that say nothing.", () => {
  const refused = (looked: Pattern<Thing, string>, options: object = {}) => refusal(matched(looked, options));
  const begun = pattern<Thing>().begin("one", kind(1));
  expect(refused(PAIR)).toBe("none");
  expect(refused(begun.optional().within(seconds(1)))).toBe("PLAN_PATTERN");
  expect(refused(begun.times(0).within(seconds(1)))).toBe("PLAN_PATTERN");
  expect(refused(begun.times(3, 2).within(seconds(1)))).toBe("PLAN_PATTERN");
  expect(refused(begun.followedBy("one", kind(2)).within(seconds(1)))).toBe("PLAN_PATTERN");
  const nothingBetween = begun.notFollowedBy("no", kind(3)).next("two", kind(2));
  expect(refused(nothingBetween.within(seconds(1)))).toBe("PLAN_PATTERN");
  expect(refused(PAIR, { skip: { first: "three" } })).toBe("PLAN_PATTERN");
  expect(refused(PAIR, { maxRuns: 0 })).toBe("PLAN_PATTERN");
  expect(refused(begun.within(seconds(0)))).toBe("PLAN_DURATION");
});

test("An event that an earlier version kept is migrated when a condition or a match is given it.", () => {
  type Row = Parameters<Parameters<Versioned["filter"]>[0]>[0];
  const is = (n: number) => (row: Row) => typeof row === "object" && row.two === n;
  const pair = pattern<Row>().begin("one", is(1)).followedBy("two", is(2)).within(minutes(5));
  const keeps: Keeps = (rowsOf, kept) => rowsOf(() => true).match(pair, { id: "m", kept });
  const event = (ms: number, n: number) => ({ at: NOON + ms, n });
  // behind the watermark, so that the pattern has taken it
  const moved = event(120_000, 0);
  const { given, failed } = upgraded(keeps, [event(0, 1), event(1, DAMAGED)], [event(2, 2)]);
  expect(given).toMatchObject([{ match: { one: [{ two: 1 }], two: [{ two: 2 }] } }]);
  expect(failed).toEqual([{ code: "STATE_MIGRATION" }]);
  const taken = (n: number) => (row: Row) => row === n || is(n)(row);
  const any = pattern<Row>().begin("one", taken(DAMAGED)).followedBy("two", is(2)).within(minutes(5));
  const keepsAny: Keeps = (rowsOf, kept) => rowsOf(() => true).match(any, { id: "m", kept });
  const later = upgraded(keepsAny, [event(0, DAMAGED), moved], [event(130_000, 2)]);
  expect(later.given).toEqual([]);
  expect(later.failed).toMatchObject([
    { two: 0 },
    { two: 2 },
    { key: "a", match: { one: [DAMAGED], two: [] } },
  ]);
});

test("Other names, order or times of steps, or another `within`, are another state; conditions and `skip` may change.", () => {
  const fingerprint = (looked: Pattern<Thing, string>, options: Options = {}) =>
    stagesOf(matched(looked, options))[0]?.fingerprint;
  const begun = pattern<Thing>().begin("one", kind(7));
  const before = fingerprint(PAIR);
  expect(fingerprint(begun.followedBy("two", kind(9)).within(seconds(1)), { skip: "skipToNext" })).toBe(
    before,
  );
  const others = [
    begun.followedBy("too", kind(2)).within(seconds(1)),
    begun.next("two", kind(2)).within(seconds(1)),
    begun.followedBy("two", kind(2)).times(2).within(seconds(1)),
    begun.followedBy("two", kind(2)).within(seconds(2)),
  ];
  expect(new Set([before, ...others.map((other) => fingerprint(other))]).size).toBe(5);
});
