import { describe, expect, test } from "vitest";
import { AsyncInvocations } from "../../../local/lambda/async-invocations.ts";
import type { DestinationMessage } from "../../../local/lambda/destinations.ts";
import {
  DEFAULT_EVENT_INVOKE_CONFIG,
  type EventInvokeConfig,
} from "../../../local/lambda/event-invoke-config.ts";
import type { FunctionConfig } from "../../../local/lambda/function-config.ts";
import type { InvokeResult } from "../../../local/lambda/invocation.ts";
import { ServiceError } from "../../../local/models/service-error.ts";
import { minutes, seconds } from "../../../shared/time/time.ts";
import { steppingClock } from "../sources/kinesis-fixture.ts";
import { functionIn } from "./lambda-server.ts";

type Attempt = "take" | "fail" | "throttle";

const QUEUE = "arn:aws:sqs:us-east-1:000000000000:done";

/** Runs one event to its end; the function does what `attempts` say, the last of them for ever. */
async function runEvent(
  attempts: readonly Attempt[],
  events: Partial<EventInvokeConfig> = {},
  { off = false, ...config }: Partial<FunctionConfig> & { readonly off?: boolean } = {},
) {
  const clock = steppingClock();
  const pauses: number[] = [];
  const requestIds: string[] = [];
  const sent: (DestinationMessage & { readonly arn: string })[] = [];
  const eventConfig = { ...DEFAULT_EVENT_INVOKE_CONFIG, ...events };
  const run = async (_: string, __: string | Uint8Array, requestId: string): Promise<InvokeResult> => {
    const attempt = attempts[Math.min(requestIds.length, attempts.length - 1)];
    requestIds.push(requestId);
    if (attempt === "throttle") throw new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429);
    const failed = attempt === "fail";
    const payload = new TextEncoder().encode(failed ? '{"errorMessage":"no"}' : '"done"');
    return { requestId, payload, logTail: "", ...(failed && { functionError: "Unhandled" }) };
  };
  const queue = new AsyncInvocations({
    clock,
    run,
    wait: async (duration) => {
      pauses.push(duration);
      clock.advance(duration);
    },
    configOf: () => ({ config: functionIn("echo", config), events: eventConfig }),
    isOff: () => off,
    deliver: (arn, message) => {
      sent.push({ arn, ...message });
    },
  });
  const { requestId, taken } = queue.submit("echo", '{"n":1}', eventConfig);
  return { taken: await taken, requestId, requestIds, pauses, sent, counters: queue.counters };
}

describe("an asynchronous event", () => {
  test("that fails is tried again after one minute and after two, under the same request id", async () => {
    const { taken, pauses, requestId, requestIds } = await runEvent(["fail", "fail", "take"]);
    expect(taken).toBe(true);
    expect(pauses).toEqual([minutes(1), minutes(2)]);
    expect(requestIds).toEqual([requestId, requestId, requestId]);
  });

  test("that fails three times is given up", async () => {
    const { taken, requestIds, counters } = await runEvent(["fail"]);
    expect([taken, requestIds.length, counters.discarded]).toEqual([false, 3, 1]);
  });

  test.each([0, 1])(
    "is tried again %i times where the configuration says so",
    async (maximumRetryAttempts) => {
      const { requestIds } = await runEvent(["fail"], { maximumRetryAttempts });
      expect(requestIds).toHaveLength(maximumRetryAttempts + 1);
    },
  );

  test("that is throttled is tried again after 1 s, 2 s, 4 s … 5 minutes, and spends no retry", async () => {
    const throttles = Array.from({ length: 10 }, () => "throttle" as const);
    const { taken, pauses } = await runEvent([...throttles, "take"], { maximumRetryAttempts: 0 });
    expect(taken).toBe(true);
    expect(pauses.map((pause) => pause / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
  });

  test("is given up when it is six hours old, or as old as the configuration says", async () => {
    const long = await runEvent(["throttle"]);
    expect(long.pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(minutes(360));
    expect(long.taken).toBe(false);
    const short = await runEvent(["throttle"], { maximumEventAge: seconds(60), onFailure: QUEUE });
    expect(short.pauses).toHaveLength(6);
    expect(JSON.parse(short.sent[0]?.body ?? "").requestContext).toMatchObject({
      condition: "EventAgeExceeded",
      approximateInvokeCount: 0,
    });
  });

  test("for a function that is switched off is given up at once", async () => {
    const { requestIds, sent } = await runEvent(["throttle"], {}, { off: true, deadLetterArn: QUEUE });
    expect([requestIds.length, sent.length]).toEqual([1, 1]);
  });
});

describe("a destination", () => {
  test("on failure gets the event, the answer and the reason", async () => {
    const { sent, requestId } = await runEvent(["fail"], { onFailure: QUEUE });
    expect(sent.map(({ arn }) => arn)).toEqual([QUEUE]);
    expect(JSON.parse(sent[0]?.body ?? "")).toEqual({
      version: "1.0",
      timestamp: expect.stringMatching(/Z$/),
      requestContext: {
        requestId,
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:echo:$LATEST",
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
      requestPayload: { n: 1 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: { errorMessage: "no" },
    });
  });

  test("on success gets the answer; the dead-letter queue gets nothing", async () => {
    const { sent } = await runEvent(["take"], { onSuccess: QUEUE }, { deadLetterArn: QUEUE });
    expect(sent.map(({ body }) => JSON.parse(body))).toMatchObject([
      { requestContext: { condition: "Success", approximateInvokeCount: 1 }, responsePayload: "done" },
    ]);
  });

  test("that is a dead-letter queue gets the event itself, and the error in attributes", async () => {
    const { sent, requestId } = await runEvent(["fail"], {}, { deadLetterArn: QUEUE });
    expect(sent).toEqual([
      {
        arn: QUEUE,
        functionName: "echo",
        body: '{"n":1}',
        attributes: {
          RequestID: { DataType: "String", StringValue: requestId },
          ErrorCode: { DataType: "Number", StringValue: "200" },
          ErrorMessage: { DataType: "String", StringValue: "no" },
        },
      },
    ]);
  });
});
