import { expect, test } from "vitest";
import type { InvokeOutcome } from "../../../local/sources/event-source.ts";
import { parseRate, type Schedule, ScheduleSource } from "../../../local/sources/schedule-source.ts";
import type { Wait } from "../../../local/sources/wait.ts";
import { type DurationMs, days, hours, minutes } from "../../../shared/time/time.ts";
import { noWait, steppingClock, TAKEN, THROWN } from "./kinesis-fixture.ts";

const SCHEDULE: Schedule = {
  id: "arn:aws:events:us-east-1:000000000000:rule/tick#0",
  arn: "arn:aws:events:us-east-1:000000000000:rule/tick",
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:clock",
  every: minutes(1),
  source: "aws.events",
};

/** Runs a schedule until its function was called so often. */
async function ticks(
  count: number,
  answer: (call: number) => InvokeOutcome,
  schedule: Partial<Schedule> = {},
) {
  const payloads: string[] = [];
  const waits: DurationMs[] = [];
  const wait: Wait = (duration, signal) => {
    waits.push(duration);
    return noWait(duration, signal);
  };
  const reached = Promise.withResolvers<void>();
  const source = new ScheduleSource({
    schedule: { ...SCHEDULE, ...schedule },
    clock: steppingClock(),
    wait,
    invoke: async (payload) => {
      payloads.push(String(payload));
      if (payloads.length === count) reached.resolve();
      return answer(payloads.length);
    },
  });
  await reached.promise;
  await source.close();
  return { payloads: payloads.slice(0, count), waits, stats: source.stats() };
}

test("a schedule sends the scheduled event, first after one period", async () => {
  const { payloads, waits } = await ticks(2, () => TAKEN);
  expect(JSON.parse(payloads[0] ?? "")).toMatchObject({
    version: "0",
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: "000000000000",
    region: "us-east-1",
    time: "2023-11-14T22:13:20Z",
    resources: [SCHEDULE.arn],
    detail: {},
  });
  expect(waits.slice(0, 2)).toEqual([60_000, 60_000]);
});

test("an input of the target's own takes the event's place", async () => {
  const { payloads } = await ticks(1, () => TAKEN, { input: '{"tick":true}' });
  expect(payloads).toEqual(['{"tick":true}']);
});

test("a tick that fails is tried twice more, then the next one comes", async () => {
  const { payloads, stats } = await ticks(4, (call) => (call <= 3 ? THROWN : TAKEN));
  expect(new Set(payloads.slice(0, 3)).size).toBe(1);
  expect(payloads[3]).not.toBe(payloads[0]);
  expect(stats).toMatchObject({ failedInvocations: 3, discarded: 1 });
});

test.each([
  ["rate(1 minute)", minutes(1)],
  ["rate(5 minutes)", minutes(5)],
  ["rate(2 hours)", hours(2)],
  ["rate(1 day)", days(1)],
  ["rate(0 minutes)", undefined],
  ["rate(1 fortnight)", undefined],
  ["cron(0 * * * ? *)", undefined],
])("%s is a period of %s ms", (expression, every) => {
  expect(parseRate(expression)).toBe(every);
});
