import { hours, minutes, seconds } from "../../../../shared/time/time.ts";
import type { Case } from "../../harness/case.ts";
import { BUCKET_ARN, QUEUE_ARN } from "../event-scene.ts";
import { EVENT_CONFIG, EVENT_ERRORS, EVENT_RECORDS } from "../pages.ts";
import { eventCase, type Scenes } from "../scenes.ts";

type Record = { readonly requestContext: { readonly requestId: string; readonly [name: string]: unknown } };

const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:echo:$LATEST";

/** The record without the request's id. */
const anonymous = (body: unknown): unknown => {
  const { requestContext, ...rest } = body as Record;
  const { requestId, ...context } = requestContext;
  return { ...rest, requestContext: context, hasRequestId: typeof requestId === "string" };
};

/** What becomes of asynchronous events. */
export const events: readonly Case<Scenes>[] = [
  eventCase(
    "a function error is retried after one minute and after two more",
    {
      source: EVENT_ERRORS,
      says: "If the function returns an error, by default Lambda attempts to run it two more times, with a one-minute wait between the first two attempts, and two minutes between the second and third attempts.",
      is: [0, 60, 180],
    },
    async (scene) => {
      scene.send({}, () => "fail");
      await scene.pass(hours(7));
      return scene.attempts;
    },
  ),
  eventCase(
    "a throttled event is tried again for six hours, at intervals from one second to five minutes",
    {
      source: EVENT_ERRORS,
      says: "For throttling errors (429) and system errors (500-series), Lambda returns the event to the queue and attempts to run the function again for up to 6 hours by default. The retry interval increases exponentially from 1 second after the first attempt to a maximum of 5 minutes.",
      is: { first: [0, 1, 3, 7, 15], longest: 300, forSixHours: true },
    },
    async (scene) => {
      scene.send({}, () => "throttle");
      await scene.pass(hours(8));
      const gaps = scene.attempts.slice(1).map((at, index) => at - (scene.attempts[index] ?? 0));
      const last = scene.attempts.at(-1) ?? 0;
      return {
        first: scene.attempts.slice(0, 5),
        longest: Math.max(...gaps),
        forSixHours: last > 21_000 && last <= 21_600,
      };
    },
  ),
  eventCase(
    "a throttle spends no retry",
    {
      source: EVENT_ERRORS,
      says: "Function errors include errors returned by the function's code and errors returned by the function's runtime, such as timeouts.",
      is: 13,
    },
    async (scene) => {
      scene.send({}, (attempt) => (attempt <= 10 ? "throttle" : "fail"));
      await scene.pass(hours(7));
      return scene.attempts.length;
    },
  ),
  eventCase(
    "MaximumRetryAttempts limits the retries",
    {
      source: EVENT_CONFIG,
      says: "Retry attempts – The number of times Lambda retries when the function returns an error, between 0 and 2.",
      is: [0],
    },
    async (scene) => {
      scene.events = { ...scene.events, maximumRetryAttempts: 0 };
      scene.send({}, () => "fail");
      await scene.pass(hours(1));
      return scene.attempts;
    },
  ),
  eventCase(
    "MaximumEventAge gives an event up that waited for too long",
    {
      source: EVENT_CONFIG,
      says: "Maximum age of event – The maximum amount of time Lambda retains an event in the asynchronous event queue, up to 6 hours. When an invocation event exceeds the maximum age or fails all retry attempts, Lambda discards it.",
      is: { lastAttemptBefore: true, condition: "EventAgeExceeded" },
    },
    async (scene) => {
      scene.events = { ...scene.events, maximumEventAge: seconds(60), onFailure: QUEUE_ARN };
      scene.send({}, () => "throttle");
      await scene.pass(minutes(10));
      const [message] = scene.messages();
      return {
        lastAttemptBefore: (scene.attempts.at(-1) ?? 61) <= 60,
        condition: (message?.body as Record | undefined)?.requestContext["condition"],
      };
    },
  ),
  eventCase(
    "a function with reserved concurrency 0 gets none: events go to the destination at once",
    {
      source: EVENT_RECORDS,
      says: "When you set reserved concurrency to zero for an asynchronously invoked function, Lambda begins sending new events to the configured dead-letter queue or the on-failure event destination, without any retries.",
      is: { attempts: 1, messages: 1 },
    },
    async (scene) => {
      scene.isOff = true;
      scene.events = { ...scene.events, onFailure: QUEUE_ARN };
      scene.send({}, () => "throttle");
      await scene.pass(seconds(1));
      return { attempts: scene.attempts.length, messages: scene.messages().length };
    },
  ),
  eventCase(
    "an on-failure destination gets event, answer and reason",
    {
      source: EVENT_RECORDS,
      says: "The following example shows an invocation record for an event that failed three processing attempts due to a function error.",
      is: [
        {
          version: "1.0",
          timestamp: "2023-11-14T22:16:20.000Z",
          requestContext: {
            functionArn: FUNCTION_ARN,
            condition: "RetriesExhausted",
            approximateInvokeCount: 3,
          },
          requestPayload: { order: 7 },
          responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
          responsePayload: { errorMessage: "no" },
          hasRequestId: true,
        },
      ],
    },
    async (scene) => {
      scene.events = { ...scene.events, onFailure: QUEUE_ARN };
      scene.send({ order: 7 }, () => "fail");
      await scene.pass(minutes(10));
      return scene.messages().map(({ body }) => anonymous(body));
    },
  ),
  eventCase(
    "an on-success destination gets event and answer",
    {
      source: EVENT_RECORDS,
      says: "On success – Send a record when the function successfully processes an asynchronous invocation.",
      is: [
        {
          version: "1.0",
          timestamp: "2023-11-14T22:13:20.000Z",
          requestContext: { functionArn: FUNCTION_ARN, condition: "Success", approximateInvokeCount: 1 },
          requestPayload: { order: 7 },
          responseContext: { statusCode: 200, executedVersion: "$LATEST" },
          responsePayload: "done",
          hasRequestId: true,
        },
      ],
    },
    async (scene) => {
      scene.events = { ...scene.events, onSuccess: QUEUE_ARN };
      scene.send({ order: 7 }, () => "take");
      await scene.pass(minutes(1));
      return scene.messages().map(({ body }) => anonymous(body));
    },
  ),
  eventCase(
    "a dead-letter queue gets the event itself, and what went wrong in attributes",
    {
      source: EVENT_RECORDS,
      says: "For dead-letter queues, Lambda only sends the content of the event, without details about the response. … Dead-letter queue message attributes: RequestID (String), ErrorCode (Number), ErrorMessage (String) – The first 1 KB of the error message.",
      is: [
        {
          body: { order: 7 },
          attributes: [
            ["ErrorCode", "Number", "200"],
            ["ErrorMessage", "String", "no"],
            ["RequestID", "String", "an id"],
          ],
        },
      ],
    },
    async (scene) => {
      scene.config = { ...scene.config, deadLetterArn: QUEUE_ARN };
      scene.send({ order: 7 }, () => "fail");
      await scene.pass(minutes(10));
      return scene.messages().map(({ body, attributes }) => ({
        body,
        attributes: Object.entries(attributes)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, { DataType, StringValue }]) => [
            name,
            DataType,
            name === "RequestID" && StringValue !== undefined ? "an id" : StringValue,
          ]),
      }));
    },
  ),
  eventCase(
    "a bucket as on-failure destination gets an object under the documented key",
    {
      source: EVENT_RECORDS,
      says: "The S3 object name uses the following naming convention: aws/lambda/async/<function-name>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<Random UUID>",
      is: ["aws/lambda/async/echo/2023/11/14/2023-11-14T22.16.20-<uuid>"],
    },
    async (scene) => {
      scene.events = { ...scene.events, onFailure: BUCKET_ARN };
      scene.send({}, () => "fail");
      await scene.pass(minutes(10));
      return scene.keys().map((key) => key.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "<uuid>"));
    },
  ),
  eventCase(
    "an event that is taken after a retry counts as taken",
    {
      source: EVENT_RECORDS,
      says: "On failure – Send a record when the event fails all processing attempts or exceeds the maximum age.",
      is: { attempts: [0, 60], messages: 0 },
    },
    async (scene) => {
      scene.events = { ...scene.events, onFailure: QUEUE_ARN };
      scene.send({}, (attempt) => (attempt === 1 ? "fail" : "take"));
      await scene.pass(hours(1));
      return { attempts: scene.attempts, messages: scene.messages().length };
    },
  ),
];
