import { describe, expect, test } from "vitest";
import {
  parseTiming,
  type Schedule,
  ScheduleSource,
  type Timing,
} from "../../../local/sources/schedule-source.ts";
import type { Wait } from "../../../local/sources/wait.ts";
import { isoOf } from "../../../shared/time/clock.ts";
import { type DurationMs, days, hours, minus, minutes } from "../../../shared/time/time.ts";
import { noWait, steppingClock } from "./kinesis-fixture.ts";

const SCHEDULE: Schedule = {
  id: "arn:aws:events:us-east-1:000000000000:rule/tick#0",
  arn: "arn:aws:events:us-east-1:000000000000:rule/tick",
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:clock",
  timing: { every: minutes(1) },
  source: "aws.events",
};

/** Runs a schedule until its function was called so often. */
async function ticks(
  count: number,
  taken: (call: number) => Promise<boolean> = async () => true,
  schedule: Partial<Schedule> = {},
  lastTickAgo?: DurationMs,
) {
  const clock = steppingClock();
  const payloads: string[] = [];
  const times: string[] = [];
  const waits: DurationMs[] = [];
  const wait: Wait = (duration, signal) => {
    waits.push(duration);
    clock.advance(duration);
    return noWait(duration, signal);
  };
  const reached = Promise.withResolvers<void>();
  const source = new ScheduleSource({
    schedule: { ...SCHEDULE, ...schedule },
    clock,
    wait,
    lastTick: lastTickAgo === undefined ? undefined : minus(clock.now(), lastTickAgo),
    send: async (payload, onAttempt) => {
      payloads.push(payload);
      times.push(isoOf(clock.now()));
      if (payloads.length === count) reached.resolve();
      const answer = taken(payloads.length);
      onAttempt(answer.catch(() => false));
      return answer;
    },
  });
  await reached.promise;
  await source.close();
  return { payloads: payloads.slice(0, count), times: times.slice(0, count), waits, source };
}

test.each([
  ["what is left of the period", minutes(0.25), minutes(0.75)],
  ["at once, where it was due meanwhile", minutes(3), minutes(0)],
])("a rate that an earlier process followed goes on after it: %s", async (_, ago, wait) => {
  for (const source of ["aws.events", "aws.scheduler"] as const) {
    const { waits, source: ended } = await ticks(2, undefined, { source }, ago);
    expect(waits.slice(0, 2)).toEqual([wait, minutes(1)]);
    expect(ended.lastTick).toBeDefined();
  }
});

test("a rule sends the scheduled event, first after one period", async () => {
  const { payloads, waits } = await ticks(2);
  expect(JSON.parse(payloads[0] ?? "")).toMatchObject({
    version: "0",
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: "000000000000",
    region: "us-east-1",
    time: "2023-11-14T22:14:20Z",
    resources: [SCHEDULE.arn],
    detail: {},
  });
  expect(waits.slice(0, 2)).toEqual([60_000, 60_000]);
});

test("a rate of EventBridge Scheduler begins at once", async () => {
  const { times } = await ticks(2, undefined, { source: "aws.scheduler" });
  expect(times).toEqual(["2023-11-14T22:13:20.000Z", "2023-11-14T22:14:20.000Z"]);
});

test("an input of the target's own takes the event's place", async () => {
  const { payloads } = await ticks(1, undefined, { input: '{"tick":true}' });
  expect(payloads).toEqual(['{"tick":true}']);
});

test("a tick that takes long does not hold up the next one", async () => {
  const never = new Promise<boolean>(() => {});
  const { source } = await ticks(3, (call) => (call === 1 ? never : Promise.resolve(call === 2)));
  await new Promise(setImmediate);
  expect(source.stats()).toMatchObject({ delivered: 1, discarded: 1, failedInvocations: 1 });
  expect(source.caughtUp()).toBe(false);
});

test("a tick for a function that is gone is given up", async () => {
  const { source } = await ticks(2, () => Promise.reject(new Error("Function not found")));
  await new Promise(setImmediate);
  expect(source.stats()).toMatchObject({ delivered: 0, discarded: 2 });
});

test("a disabled schedule sends nothing until it is enabled", async () => {
  const clock = steppingClock();
  const sent: string[] = [];
  let periods = 0;
  const source = new ScheduleSource({
    schedule: SCHEDULE,
    clock,
    wait: (duration, signal) => {
      periods += 1;
      return noWait(duration, signal);
    },
    send: async (payload) => sent.push(payload) > 0,
  });
  await source.disable();
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  expect([sent, periods]).toEqual([[], 1]);
  source.enable();
  while (sent.length === 0) await new Promise(setImmediate);
  await source.close();
  // the tick that was due meanwhile is not made up for
  expect(periods).toBeGreaterThan(1);
});

test("a cron expression fires at its minutes, an at expression once", async () => {
  const timing = (expression: string): Timing => parseTiming(expression) ?? { every: minutes(0) };
  const cron = await ticks(3, undefined, { timing: timing("cron(0/30 * * * ? *)") });
  expect(cron.times.map((time) => time.slice(0, 16))).toEqual([
    "2023-11-14T22:30",
    "2023-11-14T23:00",
    "2023-11-14T23:30",
  ]);
  const at = await ticks(1, undefined, { timing: timing("at(2023-12-24T18:00:00)") });
  expect(at.times).toEqual(["2023-12-24T18:00:00.000Z"]);
});

describe("an expression", () => {
  test.each([
    ["rate(1 minute)", minutes(1)],
    ["rate(5 minutes)", minutes(5)],
    ["rate(2 hours)", hours(2)],
    ["rate(1 day)", days(1)],
  ])("%s is a period of %i ms", (expression, every) => {
    expect(parseTiming(expression)).toEqual({ every });
  });

  test.each([
    "rate(0 minutes)",
    "rate(1 fortnight)",
    "cron(0 * * * *)",
    "cron(0 0 * * * *)",
    "cron(60 * * * ? *)",
    "at(2023-02-30T00:00:00)",
    "0 * * * ? *",
  ])("%s is none", (expression) => {
    expect(parseTiming(expression)).toBeUndefined();
  });
});
