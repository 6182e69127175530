import { expect, test } from "vitest";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import {
  type Aggregate,
  avg,
  collect,
  count,
  countMin,
  custom,
  customWindows,
  type DurationMs,
  epochMs,
  first,
  global,
  hopping,
  type KeyedFlow,
  last,
  max,
  minutes,
  quantile,
  seconds,
  session,
  sum,
  type Trigger,
  tumbling,
} from "../../../shared/index.ts";
import { COMBINED_EDGE } from "../../../shared/operators/combine/spec.ts";
import { Fold } from "../../../shared/operators/fold.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import type { AnyWindow } from "../../../shared/operators/window.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { inMemory } from "../../protocol/in-memory.ts";
import { batchOf, sentTo } from "./batches.ts";
import { bounded } from "./bounded.ts";
import { throughCrashes } from "./crashes.ts";
import {
  appOf,
  type Build,
  failures,
  given,
  NOON,
  panes,
  refusal,
  stagesOf,
  type Thing,
  thing,
} from "./given.ts";

type Event = { readonly [field: string]: unknown };
type Aggregates = { readonly [name: string]: Aggregate<Thing, unknown> };
type Options = {
  readonly window?: AnyWindow<Thing>;
  readonly aggregates?: Aggregates;
  readonly combine?: boolean;
  readonly spread?: number;
  readonly trigger?: Trigger<Thing>;
  readonly allowedLateness?: DurationMs;
  readonly onError?: "dead-letter" | "skip";
};
const TEN_SECONDS = tumbling(seconds(10));
/** By a key that is not the stream's. */
const windowed =
  ({ window = TEN_SECONDS, aggregates = { n: count() }, spread, ...options }: Options = {}): Build =>
  (things) => {
    const keyed = things.keyBy(({ k }) => `key ${k}`);
    const results = (spread === undefined ? keyed : keyed.spread(spread))
      .window(window, { id: "w", ...options })
      .aggregate(aggregates);
    return { results, late: results.late };
  };

/** All events in one request, so that they are one commit of the first stage; some later ones in another. */
async function atOnce(build: Build, ...requests: readonly (readonly Event[])[]): Promise<TestDriver> {
  const driver = await TestDriver.create(appOf(build));
  for (const [i, events] of requests.entries())
    await driver.feed(
      "things",
      events.map((event, j) => thing(`e${i}-${j}`, event)),
    );
  await driver.end();
  return driver;
}

const stageOf = (build: Build, id: string, options: Parameters<typeof appOf>[1] = {}): Stage => {
  const stage = stagesOf(build, options).find((one) => one.id === id);
  if (stage === undefined) throw new Error(`there is no stage ${id}`);
  return stage;
};

/** What the first stage sends of some commits to the stage behind its shuffle, commit by commit. */
async function sent(build: Build, ...commits: readonly (readonly Event[])[]) {
  const env = inMemory();
  const loop = new StageLoop(stageOf(build, "p.things"), env);
  const [to] = stageOf(build, "p.things").nodes.flatMap(({ spec }) =>
    spec.kind === "feed" ? [spec.stage] : [],
  );
  for (const [i, events] of commits.entries()) await loop.run(batchOf(i + 1, events));
  return sentTo(env, to ?? "").flatMap(({ rows }) => rows);
}
/** Of each row how many events it stands for, or its own number where it is an event. */
const told = (rows: Awaited<ReturnType<typeof sent>>) =>
  rows.map(([edge, , , value]) =>
    edge === COMBINED_EDGE ? `${(value as { n: number }).n} events` : `event ${(value as Thing).n}`,
  );
const numbered = (...ns: readonly number[]) => ns.map((n) => ({ n }));

const ORDERED: Aggregates = {
  n: count(),
  sum: sum("n"),
  mean: avg("n"),
  first: first("n"),
  last: last("n"),
  list: collect(100, "n"),
  middle: quantile(0.5, "n"),
};

/** Heavier than what seven aggregates make of an event, so that it is combined. */
const padded = (events: readonly Event[]): Event[] =>
  events.map((event) => ({ ...event, text: "x".repeat(300) }));

test("Results, late events and failed events are those of the plan without combining, to the last bit.", async () => {
  const aggregates = {
    ...ORDERED,
    odd: max<Thing>(({ n }) => {
      if (n === 13) throw new Error("thirteen");
      return n;
    }),
  };
  const ns = [0.1, 0.2, 13, 0.3, 0.7, 1e16, 1];
  const events = padded(ns.map((n, i) => ({ n, k: i % 3 === 0 ? "b" : "a" })));
  const later: readonly (readonly Event[])[] = [
    [{ at: NOON + 12_000 }],
    [{ n: 0.4 }, { n: 0.5 }],
    [{ at: NOON + 21_000, n: 0.6 }],
    [{ n: 0.4 }, { n: 13 }],
  ];
  const left = async (combine: boolean) => {
    const options = { aggregates, combine, allowedLateness: seconds(5) };
    const driver = await atOnce(windowed(options), events, ...later.map(padded));
    return [driver.lake("results"), driver.lake("late"), failures(driver), driver.counts()["p.w"]];
  };
  const [results, late, failed, counts] = await left(true);
  expect(await left(false)).toEqual([results, late, failed, counts]);
  // two keys on time, two late panes, two more windows; and what came after all that
  expect([(results as unknown[]).length, (late as unknown[]).length]).toEqual([6, 2]);
  expect(failed).toEqual(["w OPERATOR_FAILED"]);
  expect(told(await sent(windowed({ aggregates }), events)).toSorted()).toEqual([
    "1 events",
    "2 events",
    "3 events",
    "event 13",
  ]);
});

test("A key has one row for each window (or run of a session) and commit, however many events it had.", async () => {
  const events = [1, 2, 3, 4, 5, 6].map((n) => ({ n, k: n % 2 ? "a" : "b", at: NOON + n * 2_000 }));
  expect(told(await sent(windowed(), events))).toEqual(["2 events", "2 events", "1 events", "1 events"]);
  const one = numbered(1);
  expect(await sent(windowed(), one, one, one)).toHaveLength(3);
  const runs = await sent(windowed({ window: session(seconds(3)) }), events.slice(0, 4));
  // of each key two, 4 s apart; then with one between them
  expect(told(runs)).toEqual(["1 events", "1 events", "1 events", "1 events"]);
  expect(told(await sent(windowed({ window: session(seconds(4)) }), events))).toEqual([
    "3 events",
    "3 events",
  ]);
  expect(told(await sent(windowed({ window: global() }), events))).toEqual(["3 events", "3 events"]);
});

test("What is sent of a window's aggregates is what the order of events leaves of them: accumulators, or values in their order.", async () => {
  const part = async (aggregates: Aggregates) =>
    (await sent(windowed({ aggregates }), numbered(4, 0, 11)))[0]?.[3];
  expect(await part({ n: count(), hi: max("n"), whole: sum("n", { whole: true }) })).toEqual({
    ...{ n: 3, "=n": 3, "=hi": 11 },
    "=whole": expect.anything(),
  });
  const values = [4, 0, 11];
  expect(await part({ sum: sum("n"), list: collect(9, "n") })).toEqual({
    n: 3,
    "=sum": values,
    "=list": values,
  });
});

test("An event that may be late where it is received goes as it is.", async () => {
  const commits = [[{ at: NOON + 10_000, n: 1 }], [2, 3].map((n) => ({ n }))];
  expect(told(await sent(windowed(), ...commits))).toEqual(["1 events", "event 2", "event 3"]);
  const driver = await atOnce(windowed(), ...commits);
  expect(driver.lake("late")).toMatchObject([{ n: 2 }, { n: 3 }]);
});

test("An event on which a selector throws, or whose id it asks for, goes as it is.", async () => {
  const thrown = max<Thing>(({ n }) => {
    if (n === 13) throw new Error("thirteen");
    return n;
  });
  const events = numbered(1, 2, 13);
  expect(told(await sent(windowed({ aggregates: { n: thrown } }), events))).toEqual(["2 events", "event 13"]);
  const driver = await atOnce(windowed({ aggregates: { n: thrown } }), events);
  expect([failures(driver), panes(driver, "results", "n")]).toEqual([
    ["w OPERATOR_FAILED"],
    ["0..10000 0 on-time 2"],
  ]);
  const asked = collect<Thing, string>(9, (_, { id }) => id);
  expect(told(await sent(windowed({ aggregates: { asked } }), events))).toEqual([
    "event 1",
    "event 2",
    "event 13",
  ]);
});

test("An event with which early panes are shown goes as it is, by `when` or by stream time.", async () => {
  const when = ({ n }: Thing) => n === 3;
  const events = numbered(1, 2, 3, 4, 5);
  expect(told(await sent(windowed({ trigger: { early: { when } } }), events))).toEqual([
    "2 events",
    "event 3",
    "2 events",
  ]);
  const timed = [0, 1, 2, 5, 4, 6].map((s, n) => ({ n, at: NOON + s * 1_000 }));
  const early = { early: seconds(5) };
  expect(told(await sent(windowed({ trigger: early }), timed))).toEqual([
    "event 0",
    "2 events",
    "event 3",
    "2 events",
  ]);
  const byClock = { early: { processingTime: seconds(5) } };
  expect(told(await sent(windowed({ trigger: byClock }), timed))).toEqual(["6 events"]);
  for (const trigger of [early, byClock, { early: { when } }]) {
    const left = async (combine: boolean) => {
      const driver = await atOnce(windowed({ trigger, combine }), timed, [{ at: NOON + 7_000 }, {}], timed);
      return [driver.lake("results"), driver.lake("late")];
    };
    const [results, late] = await left(true);
    expect(await left(false)).toEqual([results, late]);
    expect((results as unknown[]).length).toBeGreaterThan(trigger === byClock ? 0 : 1);
  }
});

test("Events of a session are combined where no aggregate goes by their order, and nothing is retracted.", async () => {
  const window = session(seconds(10));
  const isCombined = async (options: Options) =>
    told(await sent(windowed({ window, ...options }), numbered(1, 2, 3))).join() === "3 events";
  const discarding = { accumulation: "discarding" } as const;
  expect(await isCombined({})).toBe(true);
  expect(await isCombined({ allowedLateness: seconds(5) })).toBe(false);
  expect(await isCombined({ allowedLateness: seconds(5), trigger: discarding })).toBe(true);
  const early = { early: { processingTime: seconds(5) } };
  expect(await isCombined({ trigger: early })).toBe(false);
  expect(await isCombined({ trigger: { ...early, ...discarding } })).toBe(true);
  expect(await isCombined({ aggregates: { n: sum("n") } })).toBe(false);
  expect(await isCombined({ aggregates: { n: sum("n", { whole: true }) } })).toBe(true);
  const events = padded([3, 1, 14, 7, 40, 2].map((s, n) => ({ n, at: NOON + s * 1_000 })));
  const left = async (combine: boolean) => {
    const driver = await atOnce(
      windowed({ window, combine }),
      events,
      padded([{ at: NOON + 60_000 }, {}]),
      events,
    );
    return [driver.lake("results"), driver.lake("late")];
  };
  const [results, late] = await left(true);
  expect(await left(false)).toEqual([results, late]);
  expect([(results as unknown[]).length, (late as unknown[]).length]).toEqual([3, 7]);
});

test("Heavy values and odd ones go as they are.", async () => {
  const heavy = { n: 7, text: "x".repeat(50_000) };
  const odd = { n: 8, set: new Set([1]) };
  const rows = await sent(windowed(), [...numbered(1, 2), heavy, ...numbered(3, 4), odd]);
  expect(told(rows)).toEqual(["2 events", "event 7", "2 events", "event 8"]);
});

test("Where events are lighter than what would become of them, they go as they are.", async () => {
  const aggregates = { asked: countMin<Thing>("n") };
  expect(told(await sent(windowed({ aggregates }), numbered(1, 2)))).toEqual(["event 1", "event 2"]);
  const many = numbered(...Array.from({ length: 1_000 }, (_, i) => i));
  expect(told(await sent(windowed({ aggregates }), many))).toEqual(["1000 events"]);
});

test("Where the first 500 events for a partition hardly become fewer or lighter, all go as they are.", async () => {
  const events = (keys: number) => Array.from({ length: 600 }, (_, n) => ({ n, k: `k${n % keys}` }));
  const heavy = Object.fromEntries(
    ["first", "second", "third", "fourth"].map((name) => [name, max<Thing>("n")]),
  );
  const rows = async (keys: number) => {
    const edges = (await sent(windowed({ aggregates: heavy }), events(keys))).map(([edge]) => edge);
    return `${edges.length} by ${[...new Set(edges)].join()}`;
  };
  expect(await rows(600)).toBe("600 by 0");
  expect(await rows(300)).toBe("300 by 1");
});

test("A receiver counts the events that a combined row stands for.", async () => {
  const driver = await atOnce(windowed(), numbered(1, 2, 3));
  expect(driver.counts()["p.w"]).toMatchObject({ input: 3, windows: 1 });
});

test("`combine: false` switches it off.", async () => {
  expect(told(await sent(windowed({ combine: false }), numbered(1, 2)))).toEqual(["event 1", "event 2"]);
});

test("Windows that an event's time and key alone do not tell are not combined, nor early panes by count, nor `custom` aggregates.", async () => {
  const isCombined = async (options: Options) => {
    const rows = await sent(windowed(options), numbered(1, 2, 3));
    return rows.every(([edge]) => edge === COMBINED_EDGE);
  };
  const spans = () => [{ start: epochMs(NOON), end: epochMs(NOON + 1) }];
  const counted = custom({ create: () => 0, add: (n) => n + 1, merge: (a, b) => a + b, finish: (n) => n });
  expect(await isCombined({ window: hopping(seconds(10), seconds(5)) })).toBe(true);
  for (const options of [
    { window: hopping(seconds(10), seconds(4)) },
    { window: customWindows<Thing>("spans", { assign: spans }) },
    { trigger: { early: { events: 2 } } },
    { aggregates: { n: counted } },
  ])
    expect(await isCombined(options), JSON.stringify(options)).toBe(false);
});

test("Nor is a window combined behind which, in its stage, a `dedupe` goes by the order of events.", async () => {
  type Results = KeyedFlow<string, Thing>;
  const toldOf = async (behind: (results: Results) => ReturnType<Build>[string]) => {
    const build: Build = (things) => ({ out: behind(windowed()(things)["results"] as unknown as Results) });
    return told(await sent(build, numbered(1, 2, 3))).join("; ");
  };
  const again = (early?: Trigger<Thing>["early"]) => (results: Results) =>
    results.window(tumbling(minutes(1)), { id: "again", trigger: { ...(early && { early }) } }).aggregate({});
  expect(await toldOf(again())).toBe("3 events");
  expect(await toldOf(again({ events: 5 }))).toBe("3 events");
  expect(await toldOf(again(seconds(1)))).toBe("event 1; 2 events");
  expect(await toldOf((results) => results.dedupe({ id: "d", by: "n", within: seconds(1) }))).toBe(
    "event 1; event 2; event 3",
  );
});

test("`spread` leads the rows of a key to `n` partitions, a commit to each in its turn, and always shuffles.", async () => {
  const build: Build = (things) => ({
    results: things.keyBy("k").spread(4).window(TEN_SECONDS, { id: "w" }).aggregate({ n: count() }),
  });
  expect(stagesOf(build).map(({ id, partitions }) => `${id} ${partitions}`)).toEqual([
    "p.things 1",
    "p.w.spread 4",
    "p.w 1",
  ]);
  const env = inMemory();
  const loop = new StageLoop(stageOf(build, "p.things"), env);
  for (let i = 1; i <= 8; i += 1) await loop.run(batchOf(i, numbered(1, 2)));
  const partitions = sentTo(env, "p.w.spread").flatMap(({ to, rows }) => (rows.length > 0 ? [to] : []));
  expect(partitions).toHaveLength(8);
  expect([new Set(partitions.slice(0, 4)).size, partitions.slice(4)]).toEqual([4, partitions.slice(0, 4)]);
  const one = await atOnce(build, numbered(1, 2), numbered(3), numbered(4, 5));
  expect(panes(one, "results", "n")).toEqual(["0..10000 0 on-time 5"]);
  expect(stageOf(build, "p.w.spread", { partitions: 16 }).partitions).toBe(16);
});

test("It takes 2 to 1,024 partitions, aggregates on which the order of events has no bearing, and no early panes.", () => {
  const refused = (spread: number, more: Options = {}) => refusal(windowed({ spread, ...more }));
  expect([2, 1_024].map((n) => refused(n))).toEqual(["none", "none"]);
  expect([1, 1_025, 2.5].map((n) => refused(n))).toEqual(Array(3).fill("PLAN_OPTION"));
  for (const aggregate of [
    sum<Thing>(({ n }) => n),
    avg<Thing>(({ n }) => n),
    first<Thing, number>(({ n }) => n),
    collect<Thing, number>(3, ({ n }) => n),
  ])
    expect(refused(2, { aggregates: { aggregate } })).toBe("PLAN_OPTION");
  expect(refused(2, { aggregates: { n: sum("n", { whole: true }) } })).toBe("none");
  expect(refused(2, { window: session(seconds(1)) })).toBe("none");
  expect(refused(2, { window: session(seconds(1)), allowedLateness: seconds(1) })).toBe("PLAN_OPTION");
  expect(refused(2, { trigger: { early: seconds(1) } })).toBe("PLAN_OPTION");
  expect(refused(2, { trigger: { early: { processingTime: seconds(1) } } })).toBe("PLAN_OPTION");
});

test("Combined rows outlive a crash, and their events count once.", async () => {
  const events = padded(
    Array.from({ length: 60 }, (_, i) => ({ n: i, k: i % 4 === 0 ? "b" : "a", at: NOON + i * 500 })),
  );
  const build = windowed({ aggregates: ORDERED });
  const rows = await throughCrashes(events, build, { atOnce: 10 });
  expect(rows("results")).toEqual((await given(events, build)).lake("results"));
  expect(rows("results")).toHaveLength(6);
});

test("A bounded run gives the same.", async () => {
  const events = padded(numbered(0.1, 0.2, 0.3, 0.7));
  const run = await bounded(events, windowed({ aggregates: ORDERED }));
  expect(run("results")).toEqual((await atOnce(windowed({ aggregates: ORDERED }), events)).lake("results"));
});

test("`combine` may come and go between deployments; `spread`, with its number, is another state.", () => {
  const fingerprint = (options: Options) => stageOf(windowed(options), "p.w").fingerprint;
  expect(fingerprint({ combine: false })).toBe(fingerprint({}));
  expect(new Set([{}, { spread: 2 }, { spread: 3 }].map(fingerprint)).size).toBe(3);
});

test("A receiver takes rows of either kind, whatever its plan says; one that it does not know becomes a failed event, whatever its `onError`.", () => {
  const fold = new Fold(stageOf(windowed({ combine: false, onError: "skip" }), "p.w"), { codeVersion: "c" });
  fold.row(COMBINED_EDGE, "a", epochMs(NOON), { n: 3, "=n": 3 });
  fold.row(0, "a", epochMs(NOON), { id: "x", k: "a", at: NOON, n: 1 });
  fold.row(COMBINED_EDGE, "a", epochMs(NOON), { n: 3, "=of another version": 3 });
  fold.channelWatermark("p.things/0", epochMs(NOON + minutes(1)));
  const { feeds, failed } = fold.outputs;
  const rows = [...feeds.values()].flat().map(([, , , value]) => value);
  expect(rows).toMatchObject([{ key: "a", n: 4 }]);
  expect(failed.map(({ operator, error }) => `${operator} ${error.code}`)).toEqual(["p.w PARTIAL_UNKNOWN"]);
});
