import { expect, test } from "vitest";
import * as z from "zod";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import {
  application,
  count,
  lake,
  minutes,
  pipeline,
  type Stream,
  seconds,
  stream,
  trusted,
  tumbling,
} from "../../../shared/index.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { throughCrashes } from "./crashes.ts";
import { NOON } from "./given.ts";

type Any = { readonly k: string; readonly at: number };
type Kept = {
  readonly value: Record<string, unknown>;
  readonly id: string;
  readonly time: number;
  readonly key: unknown;
};

const schema = trusted<Any>();
const loose = (options: object = {}): Stream<Any> =>
  stream("s", { schema, time: "at", key: "k", partitions: 1, ...options });

/** Sends events in one request: which are refused, as index and code, and what comes of the others. */
async function sent<T>(source: Stream<T>, ...events: readonly unknown[]) {
  const driver = await TestDriver.create(
    pipeline("p", (p) => {
      p.from(source)
        .map((value, { id, time, key }) => ({ value, id, time, key }))
        .to(lake("kept"));
    }),
  );
  const rejected = await driver.feed("s", events);
  return {
    refused: rejected.map(
      ({ index, code, path }) => `${index} ${code}${path === undefined ? "" : ` ${path}`}`,
    ),
    kept: driver.lake<Kept>("kept"),
  };
}

test("Times are whole milliseconds or RFC 3339, of the years 0 to 9999.", async () => {
  const times = [NOON, "2024-01-01T12:00:00Z", "2024-01-01T13:00:00.5+01:00", -1];
  const good = await sent(loose(), ...times.map((at) => ({ k: "a", at })));
  expect(good.kept.map(({ time }) => time)).toEqual([NOON, NOON, NOON + 500, -1]);
  const bad = [NOON + 0.5, "2024-02-30T12:00:00Z", "2024-01-01", null, undefined, 253_402_300_800_000];
  const { refused } = await sent(loose(), ...bad.map((at) => ({ k: "a", at })));
  expect(refused).toEqual(bad.map((_, i) => `${i} EVENT_TIME`));
});

test("Keys are strings of up to 1,024 characters and finite numbers.", async () => {
  const keys = ["", 5, "5", "x".repeat(1_024)];
  const { kept } = await sent(loose(), ...keys.map((k) => ({ k, at: 1 })));
  expect(kept.map(({ key }) => key)).toEqual(keys);
  const bad = [Number.NaN, null, undefined, true, "x".repeat(1_025)];
  const { refused } = await sent(loose(), ...bad.map((k) => ({ k, at: 1 })));
  expect(refused).toEqual(bad.map((_, i) => `${i} EVENT_KEY`));
});

test("What the schema refuses is refused at the door, and its neighbours are taken.", async () => {
  const strict = z.strictObject({ k: z.string(), at: z.int() });
  const { refused, kept } = await sent(
    stream("s", { schema: strict, time: "at", key: "k", partitions: 1 }),
    { k: 5, at: 1 },
    { k: "a", at: 1 },
    { k: "a", at: "x" },
    { k: "a", at: 1, more: 1 },
  );
  expect(refused).toEqual(["0 EVENT_SCHEMA k", "2 EVENT_TIME at", "3 EVENT_SCHEMA"]);
  expect(kept).toHaveLength(1);
});

test("What the schema makes of an event is the event.", async () => {
  const coerced = z.object({
    k: z.string(),
    at: z.int(),
    n: z.coerce.number().default(7),
    tags: z.array(z.string()).transform((tags) => new Set(tags)),
  });
  const { kept } = await sent(
    stream("s", { schema: coerced, time: "at", key: "k", partitions: 1 }),
    { k: "a", at: 1, n: "5", tags: ["x", "x"], more: 1 },
    { k: "a", at: 1, tags: ["x", "x"] },
  );
  const tags = new Set(["x"]);
  expect(kept.map(({ value }) => value)).toEqual([
    { k: "a", at: 1, n: 5, tags },
    { k: "a", at: 1, n: 7, tags },
  ]);
});

test("An event's id is its field `id` where that is a string of 1 to 256 characters.", async () => {
  const ids = ["own", 5, ""];
  const { kept } = await sent(loose(), ...ids.map((id) => ({ id, k: "a", at: 1 })));
  expect(kept.map(({ id }) => id)).toEqual(["own", "request-1/1", "request-1/2"]);
  const { refused } = await sent(loose(), { id: "x".repeat(257), k: "a", at: 1 });
  expect(refused).toEqual(["0 EVENT_ID"]);
});

test("A field called `__proto__` is refused.", async () => {
  const { refused } = await sent(loose(), JSON.parse('{"k":"a","at":1,"__proto__":1}'));
  expect(refused).toEqual(["0 EVENT_PROTO"]);
});

test("Of several paths the first counts at which there is something but `null`.", async () => {
  const paths = { time: ["one.at", "two.at"], key: ["one.k", "two.k"] };
  const { kept, refused } = await sent(
    loose(paths),
    { one: { at: 1, k: "x" } },
    { one: { at: null }, two: { at: 2, k: "y" } },
    { two: { at: 3 } },
  );
  expect(kept.map(({ time, key }) => [time, key])).toEqual([
    [1, "x"],
    [2, "y"],
  ]);
  expect(refused).toEqual(["2 EVENT_KEY"]);
});

test("Where a function of the stream throws, the event is refused.", async () => {
  const time = () => {
    throw new Error("no");
  };
  expect((await sent(loose({ time }), { k: "a", at: 1 })).refused).toEqual(["0 EVENT_TIME"]);
});

const planned = (source: Stream<Any>, windowed: boolean) => () => {
  const built = pipeline("p", (p) => {
    const flow = p.from(source).keyBy("k");
    if (windowed)
      flow
        .window(tumbling(seconds(1)), { id: "w" })
        .aggregate({ n: count() })
        .to(lake("out"));
    else flow.to(lake("out"));
  });
  return planApplication(application("a", { streams: [source], pipelines: [built] }));
};

test("Without `time` the event time is that of arrival, and what needs event time is refused.", async () => {
  const { kept } = await sent(loose({ time: undefined }), { k: "a" });
  expect(kept.map(({ time }) => time)).toEqual([1_704_067_200_000]);
  expect(planned(loose({ time: undefined }), true)).toThrow(
    expect.objectContaining({ code: "PLAN_NO_EVENT_TIME" }),
  );
});

test("`outOfOrder` is how far behind the newest event one may be: the watermark trails by so much.", async () => {
  const late = async (ms: number) => {
    const source = loose({ outOfOrder: seconds(5) });
    const driver = await TestDriver.create(
      pipeline("p", (p) => {
        p.from(source)
          .keyBy("k")
          .window(tumbling(seconds(1)), { id: "w" })
          .aggregate({ n: count() })
          .to(lake("n"));
      }),
    );
    await driver.feed("s", [
      { k: "a", at: NOON + ms },
      { k: "a", at: NOON },
    ]);
    return driver.counts()["p.s"]?.["late"];
  };
  expect(await late(5_999)).toBe(0);
  expect(await late(6_000)).toBe(1);
});

const idle = { threshold: minutes(5), incrementBy: minutes(1), stepInterval: minutes(1) };
async function waited(options: object, events: readonly unknown[]): Promise<number[]> {
  const source = loose({ outOfOrder: seconds(30), ...options });
  const driver = await TestDriver.create(
    pipeline("p", (p) => {
      p.from(source)
        .keyBy("k")
        .window(tumbling(minutes(1)), { id: "w" })
        .aggregate({ n: count() })
        .to(lake("n"));
    }),
  );
  await driver.feed("s", events);
  const rows: number[] = [];
  for (let minute = 0; minute < 8; minute += 1) {
    await driver.advance(minutes(1));
    rows.push(driver.lake("n").length);
  }
  return rows;
}

test("A partition without events holds its watermark; with `idle` it goes on by steps.", async () => {
  const events = [{ k: "a", at: 1_704_067_200_000 }];
  expect(await waited({}, events)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(await waited({ idle }, events)).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
});

test("1 to 1,024 partitions, a name of 1 to 48 lower-case characters: anything else is refused.", () => {
  const refusedWith = (code: string) => expect.objectContaining({ code });
  for (const partitions of [0, 1.5, 1_025])
    expect(planned(loose({ partitions }), false)).toThrow(refusedWith("PLAN_OPTION"));
  expect(planned(stream("No", { schema, time: "at", key: "k" }), false)).toThrow(refusedWith("PLAN_NAME"));
  expect(planned(loose({ outOfOrder: -1 }), false)).toThrow(refusedWith("PLAN_DURATION"));
  expect(planned(loose({ partitions: 1_024 }), false)).not.toThrow();
});

test("A record that is delivered again, or to two environments at once, is taken once.", async () => {
  const events = Array.from({ length: 40 }, (_, n) => ({ n, id: `x${n % 20}` }));
  const rows = await throughCrashes(events, (things) => ({
    counts: things
      .keyBy("k")
      .window(tumbling(seconds(1)), { id: "w" })
      .aggregate({ n: count() }),
  }));
  expect(rows("counts")).toMatchObject([{ n: 40 }]);
});
