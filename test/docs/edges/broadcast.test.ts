import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import {
  count,
  type Flow,
  type KeyedFlow,
  lake,
  MillraceError,
  max,
  minutes,
  pipeline,
  seconds,
  stream,
  trusted,
  tumbling,
} from "../../../shared/index.ts";
import { Fold } from "../../../shared/operators/fold.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, given, NOON, refusal, stagesOf, type Thing, things } from "./given.ts";
import { facing } from "./sides.ts";

/** Events of `n` 10 and more are control, by their ids. */
const heard = <R>(
  things: Flow<Thing>,
  onEvent: (id: string, latest: ReadonlyMap<string, Thing>) => Iterable<R>,
) =>
  things
    .filter(({ n }) => n < 10)
    .withBroadcast(things.filter(({ n }) => n >= 10).keyBy("id"), {
      id: "b",
      prepare: (value) => {
        if (value.n === 13) throw new Error("thirteen");
        return value;
      },
      onEvent: ({ id }, latest) => onEvent(id, latest),
    });

const numbers = (things: Flow<Thing>): ReturnType<Build> => ({
  kept: heard(things, (id, latest) => [{ id, seen: [...latest.values()].map(({ n }) => n).join() }]),
});

const rule = (n: number, ms = 0) => ({ id: "c", n, at: NOON + ms });

test("An event sees what stood before it in the log of its partition, whatever the times.", async () => {
  const events = [rule(10, 9_000), { id: "x", n: 1 }, rule(11, -9_000), { id: "y", n: 1, at: NOON + 1e6 }];
  const driver = await given(events, numbers);
  expect(driver.lake("kept")).toEqual([
    { id: "x", seen: "10" },
    { id: "y", seen: "11" },
  ]);
});

test("A partition that has heard nothing yet sees an empty map.", async () => {
  const driver = await given([{ id: "x" }, rule(10)], numbers, { partitions: 4 });
  expect(driver.lake("kept")).toEqual([{ id: "x", seen: "" }]);
});

test("Of one key all partitions see the same values in the same order.", async () => {
  const driver = await given([], numbers, { partitions: 4, end: false });
  const keys = Array.from("abcdefgh");
  // they come from all partitions of the stream
  const said = keys.map((k, i) => ({ ...rule(20 + i), k }));
  for (const half of [said.slice(0, 4), said.slice(4)]) {
    await driver.feed("things", half);
    await driver.feed(
      "things",
      keys.map((k) => ({ id: `${half.length} ${k}`, k, at: NOON, n: 1 })),
    );
  }
  const seen = field(driver, "kept", "seen");
  expect([new Set(seen.slice(0, 8)).size, new Set(seen.slice(8)).size, seen.length]).toEqual([1, 1, 16]);
});

type Keyed = KeyedFlow<string, Thing>;
/** Events on the left, control on the right. */
const counted = (left: Keyed, right: Keyed) => ({
  counts: left
    .withBroadcast(right, { id: "b", onEvent: (thing, latest) => [{ ...thing, rules: latest.size }] })
    .window(tumbling(seconds(1)), { id: "w" })
    .aggregate({ n: count(), rules: max("rules") }),
});

test("The watermark does not wait for the control flow, and its times move nothing.", async () => {
  const left = (ms: number) => ({ to: "left", at: NOON + ms }) as const;
  const right = (ms: number) => ({ to: "right", at: NOON + ms }) as const;
  const told = async (...events: Parameters<typeof facing>[0]) =>
    (await facing(events, counted, { end: false })).lake("counts");
  expect(await told(left(0), left(1_000))).toMatchObject([{ n: 1, rules: 0 }]);
  expect(await told(right(-1e9), left(0), left(1_000))).toMatchObject([{ n: 1, rules: 1 }]);
  expect(await told(left(0), right(1e9), left(999))).toEqual([]);
});

test("A control stream needs no `time`.", async () => {
  const timeless = stream("timeless", { schema: trusted<Thing>(), key: "k", partitions: 1 });
  const source = things();
  const flow = pipeline("p", (p) => {
    counted(p.from(source).keyBy("k"), p.from(timeless).keyBy("k")).counts.to(lake("counts"));
  });
  const driver = await TestDriver.create(flow);
  await driver.feed("timeless", [{ id: "c", k: "c", n: 10 }]);
  await driver.feed("things", [{ id: "x", k: "a", at: NOON, n: 1 }]);
  await driver.end();
  expect(driver.lake("counts")).toMatchObject([{ n: 1, rules: 1 }]);
});

test("A value of `null` takes its key away.", async () => {
  const events = [
    rule(10),
    { ...rule(11), id: "d" },
    { id: "x" },
    rule(99),
    { id: "y" },
    rule(12),
    { id: "z" },
  ];
  const driver = await given(events, (all) => ({
    kept: all
      .filter(({ n }) => n < 10)
      .withBroadcast(
        all
          .filter(({ n }) => n >= 10)
          .keyBy("id")
          .map((thing) => (thing.n === 99 ? null : thing)),
        {
          id: "b",
          onEvent: (_, latest) => [
            {
              seen: [...latest.values()]
                .map(({ n }) => n)
                .toSorted()
                .join(),
            },
          ],
        },
      ),
  }));
  expect(field(driver, "kept", "seen")).toEqual(["10,11", "11", "11,12"]);
});

test("What was heard outlives a crash.", async () => {
  // by the stream's own key, so that control and events come in one order
  const build: Build = (all) => ({
    kept: all
      .filter(({ n }) => n < 10)
      .withBroadcast(all.filter(({ n }) => n >= 10).keyBy("k"), {
        id: "b",
        onEvent: ({ id }, latest) => [{ id, seen: [...latest.values()].map(({ n }) => n).join() }],
      }),
  });
  const events = Array.from({ length: 30 }, (_, i) => ({
    n: i % 3 === 0 ? 10 + i : 1,
    k: i % 2 === 0 ? "a" : "b",
  }));
  const rows = await throughCrashes(events, build);
  expect(rows("kept")).toEqual((await given(events, build)).lake("kept"));
  expect(rows("kept")).toHaveLength(20);
});

test("Where `onEvent` throws, the event fails.", async () => {
  const driver = await given([{ id: "x" }], (things) => {
    const out = heard(things, () => {
      throw new Error("no");
    });
    return { out, failed: out.failed };
  });
  expect(failures(driver)).toEqual(["b OPERATOR_FAILED"]);
  expect(driver.lake("failed")).toMatchObject([{ payload: { id: "x" } }]);
});

test("A control value that cannot be prepared fails once, and the one before it stays in force.", async () => {
  const driver = await given([{ id: "c", n: 10 }, { id: "c", n: 13 }, { id: "x" }], numbers, {
    partitions: 4,
  });
  expect(failures(driver)).toEqual(["b OPERATOR_FAILED"]);
  expect(field(driver, "kept", "seen")).toEqual(["10"]);
});

test("A value in force that can be prepared no more fails events.", () => {
  const stage = stagesOf(numbers).find(({ id }) => id === "p.b");
  if (stage === undefined) throw new Error("no stage of its own");
  const fold = new Fold(stage, { codeVersion: "c" });
  fold.apply([["b", "put", "c", { n: 13 }]]);
  fold.resume(fold.sealed.time, fold.sealed.counts);
  for (const id of ["x", "y"]) fold.row(0, "a", fold.watermark, { id, n: 1 });
  expect(fold.outputs.failed.map(({ error }) => error.message)).toEqual(["thirteen", "thirteen"]);
});

/** Broadcasts of version 1, whose control values are numbers, and of version 2, whose are objects. */
const versions = (version: 1 | 2, by: "id" | "k"): Build => {
  type Said = number | { readonly two: number };
  const kept = { version: 2, migrate: (old: unknown): Said => ({ two: sound(old) }) };
  return (all) => ({
    kept: all
      .filter(({ n }) => n < 10)
      .withBroadcast(
        all
          .filter(({ n }) => n >= 10)
          .map(({ id, k, n }) => ({ id, k, said: version === 1 ? n : { two: n } }))
          .keyBy(by)
          .map(({ said }): Said => said),
        {
          id: "b",
          ...(version === 2 && { kept }),
          onEvent: ({ id }, latest) => [{ id, seen: [...latest.values()] }],
        },
      ),
  });
};
const sound = (old: unknown): number => {
  if (typeof old !== "number" || old === 13) throw new Error(`unread: ${JSON.stringify(old)}`);
  return old;
};
const newCode = (by: "id" | "k", stage: string): Fold => {
  const found = stagesOf(versions(2, by)).find(({ id }) => id === stage);
  if (found === undefined) throw new Error(`no stage ${stage}`);
  return new Fold(found, { codeVersion: "c" });
};
const seenBy = (fold: Fold): unknown[] => {
  fold.row(0, "a", fold.watermark, { id: "x", n: 1 });
  return (fold.seal().outputs.feeds.get("p.lake-kept") ?? []).map(([, , , row]) => row);
};

test("A control value that an earlier version kept is migrated when it is read.", () => {
  const fold = newCode("k", "p.b");
  fold.apply([["b", "put", "c", 10]]);
  fold.resume(fold.sealed.time, fold.sealed.counts);
  expect(seenBy(fold)).toEqual([{ id: "x", seen: [{ two: 10 }] }]);
  fold.apply([["b", "put", "d", 13]]);
  fold.resume(fold.sealed.time, fold.sealed.counts);
  expect(seenBy(fold)).toEqual([]);
  expect(fold.outputs.failed.map(({ error }) => error.code)).toEqual(["STATE_MIGRATION"]);
  fold.row(3, "d", fold.watermark, null);
  expect(seenBy(fold)).toEqual([{ id: "x", seen: [{ two: 10 }] }]);
});

test("A control value that was on its way while code changed is migrated as it comes.", () => {
  const direct = newCode("k", "p.b");
  for (const n of [10, 13]) direct.row(1, `${n}`, direct.watermark, n);
  expect(seenBy(direct)).toEqual([{ id: "x", seen: [{ two: 10 }] }]);
  expect(direct.outputs.failed.map(({ error }) => error.code)).toEqual(["STATE_MIGRATION"]);
  const ordering = newCode("id", "p.b-control");
  for (const n of [10, 13]) ordering.row(0, `${n}`, ordering.watermark, n);
  const { feeds, failed } = ordering.seal().outputs;
  expect([feeds.get("p.b")?.map(([, , , row]) => row), failed.map(({ error }) => error.code)]).toEqual([
    [{ two: 10 }],
    ["STATE_MIGRATION"],
  ]);
});

test("Nobody can change a control value.", async () => {
  const driver = await given([{ id: "c", n: 10 }, { id: "x" }], (things) => ({
    out: heard(things, (_, latest) => {
      for (const value of latest.values()) Object.assign(value, { n: 11 });
      return [];
    }),
  }));
  expect(driver.failed()).toMatchObject([{ operator: "b", error: { name: "TypeError" } }]);
});

test("An error among the rows fails the event, and the other rows are given.", async () => {
  const driver = await given([{ id: "x" }], (things) => ({
    kept: heard(things, (id) => [
      { id: `${id}1` },
      new MillraceError("AGGREGATE_VALUE", "odd", { next: "dead-lettered" }),
      { id: `${id}2` },
    ]).map((row) => row),
  }));
  expect(field(driver, "kept", "id")).toEqual(["x1", "x2"]);
  expect(failures(driver)).toEqual(["b AGGREGATE_VALUE"]);
});

test("Rows of one call share the event's id.", () => {
  const once = { id: "once", within: minutes(1) };
  expect(refusal((things) => ({ out: heard(things, (id) => [{ id }]).dedupe(once) }))).toBe("PLAN_OPTION");
});

test("A control value that is too large for a record becomes one failed event.", async () => {
  const noise = createHash("shake256", { outputLength: 1_200_000 }).update("noise").digest("base64");
  const driver = await given(
    [rule(10), { id: "x" }],
    (all) => ({
      kept: all
        .filter(({ n }) => n < 10)
        .withBroadcast(
          all
            .filter(({ n }) => n >= 10)
            .map(({ id }) => ({ id, noise }))
            .keyBy("id"),
          { id: "b", onEvent: ({ id }, latest) => [{ id, heard: latest.size }] },
        ),
    }),
    { partitions: 4 },
  );
  expect(driver.failed().map(({ error }) => error.code)).toEqual(["FRAME_TOO_LARGE"]);
  expect(driver.lake("kept")).toEqual([{ id: "x", heard: 0 }]);
});
