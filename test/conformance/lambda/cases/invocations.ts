import { milliseconds } from "../../../../shared/time/time.ts";
import { functionIn } from "../../../local/lambda/lambda-server.ts";
import type { Case } from "../../harness/case.ts";
import { type Answer, answerTo, errorOf, invoke, logged, whileRunning } from "../calls.ts";
import { ENVIRONMENT, INVOKE, LIMITS, NODE_CONTEXT, NODE_ERRORS, NODE_HANDLER, TIMEOUT } from "../pages.ts";
import { type Scenes, serviceCase } from "../scenes.ts";

const MEGABYTE = 1024 * 1024;

/** The Invoke call, and what a handler's end means. */
export const invocations: readonly Case<Scenes>[] = [
  serviceCase(
    "RequestResponse waits for the function and gives its answer",
    {
      source: INVOKE,
      says: "RequestResponse (default) – Invoke the function synchronously. Keep the connection open until the function returns a response or times out. The status code is 200. X-Amz-Executed-Version: the version of the function that executed.",
      is: { status: 200, version: "$LATEST", error: null, event: { n: 1 } },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const { status, headers, text } = await invoke(server, "echo", '{"n":1}');
      return {
        status,
        version: headers.get("x-amz-executed-version"),
        error: headers.get("x-amz-function-error"),
        event: JSON.parse(text).event,
      };
    },
  ),
  serviceCase(
    "Event answers 202 without a body, and the function runs",
    {
      source: INVOKE,
      says: "Event – Invoke the function asynchronously. … The API response only includes a status code. For the Event invocation type, this status code is 202.",
      is: { status: 202, text: "", ran: "ran" },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const ran = logged(server, "ran");
      const { status, text } = await invoke(server, "echo", '{"log":"ran"}', {
        "x-amz-invocation-type": "Event",
      });
      return { status, text, ran: await ran };
    },
  ),
  serviceCase(
    "DryRun answers 204 and runs nothing",
    {
      source: INVOKE,
      says: "DryRun – Validate parameter values and verify that the user or role has permission to invoke the function. For the DryRun invocation type, the status code is 204.",
      is: { status: 204, invocations: 0 },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const { status } = await invoke(server, "echo", "{}", { "x-amz-invocation-type": "DryRun" });
      return { status, invocations: server.lambda.counters().invocations };
    },
  ),
  serviceCase(
    "a function is found by name, ARN and partial ARN, with and without a qualifier",
    {
      source: INVOKE,
      says: "Function name – my-function (name-only), my-function:v1 (with alias). Function ARN – arn:aws:lambda:us-west-2:123456789012:function:my-function. Partial ARN – 123456789012:function:my-function.",
      is: [200, 200, 200, 200, 200],
    },
    async (server) => {
      const config = functionIn("echo");
      server.lambda.create(config);
      const names = [
        "echo",
        "echo:$LATEST",
        config.arn,
        `${config.arn}:$LATEST`,
        "000000000000:function:echo",
      ];
      const statuses: number[] = [];
      for (const name of names) statuses.push((await invoke(server, name, "{}")).status);
      return statuses;
    },
  ),
  serviceCase(
    "an error of the handler answers 200, with its type, message and trace",
    {
      source: NODE_ERRORS,
      says: "When your code raises an error, Lambda generates a JSON representation of the error: errorType, errorMessage, trace. X-Amz-Function-Error: If present, indicates that an error occurred during function execution.",
      is: {
        status: 200,
        error: "Unhandled",
        errorType: "RangeError",
        errorMessage: "out of range",
        trace: "RangeError: out of range",
      },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const { status, headers, text } = await invoke(server, "echo", '{"fail":"out of range"}');
      const { errorType, errorMessage, trace } = JSON.parse(text);
      return {
        status,
        error: headers.get("x-amz-function-error"),
        errorType,
        errorMessage,
        trace: trace[0],
      };
    },
  ),
  serviceCase(
    "LogType Tail gives the end of the log in base64",
    {
      source: INVOKE,
      says: "X-Amz-Log-Result: The last 4 KB of the execution log, which is base64-encoded. Set LogType to Tail to include the execution log in the response.",
      is: { tail: "waiting", none: null },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      let tail = "";
      const onAnswer = ({ headers }: Answer) => {
        tail = Buffer.from(headers.get("x-amz-log-result") ?? "", "base64").toString();
      };
      const headers = { "x-amz-log-type": "Tail" };
      const without = await whileRunning(server, "echo", () => invoke(server, "echo", "{}"), {
        headers,
        onAnswer,
      });
      return { tail: tail.split(" ")[0], none: without.headers.get("x-amz-log-result") };
    },
  ),
  serviceCase(
    "a function that is not there is a ResourceNotFoundException",
    {
      source: INVOKE,
      says: "ResourceNotFoundException: The resource specified in the request does not exist. HTTP Status Code: 404",
      is: [404, "ResourceNotFoundException"],
    },
    async (server) => errorOf(await invoke(server, "nobody", "{}")),
  ),
  serviceCase(
    "a payload that is no JSON is an InvalidRequestContentException",
    {
      source: INVOKE,
      says: "InvalidRequestContentException: The request body could not be parsed as JSON, or a request header is invalid. HTTP Status Code: 400",
      is: [
        [400, "InvalidRequestContentException"],
        [400, "InvalidRequestContentException"],
      ],
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const synchronous = await invoke(server, "echo", "{no");
      const event = await invoke(server, "echo", "{no", { "x-amz-invocation-type": "Event" });
      return [errorOf(synchronous), errorOf(event)];
    },
  ),
  serviceCase(
    "a synchronous payload is at most 6 MB",
    {
      source: LIMITS,
      says: "Invocation payload (request and response): 6 MB each for request and response (synchronous)",
      is: [200, [413, "RequestTooLargeException"]],
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const fits = await invoke(server, "echo", `{"n":"${"x".repeat(6 * MEGABYTE - 1_000)}","log":""}`);
      const large = await invoke(server, "echo", `"${"x".repeat(6 * MEGABYTE)}"`);
      return [fits.status, errorOf(large)];
    },
  ),
  serviceCase(
    "an asynchronous event is at most 1 MB",
    {
      source: INVOKE,
      says: "For asynchronous invocations, the maximum payload size is 1 MB.",
      is: [202, [413, "RequestTooLargeException"]],
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const type = { "x-amz-invocation-type": "Event" };
      const fits = await invoke(server, "echo", `"${"x".repeat(MEGABYTE - 2)}"`, type);
      const large = await invoke(server, "echo", `"${"x".repeat(MEGABYTE)}"`, type);
      return [fits.status, errorOf(large)];
    },
  ),
  serviceCase(
    "an answer of more than 6 MB is an error of the function",
    {
      source: LIMITS,
      says: "Invocation payload (request and response): 6 MB each for request and response (synchronous)",
      is: { fits: 6 * MEGABYTE - 2, errorType: "Function.ResponseSizeTooLarge" },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const fits = await invoke(server, "echo", JSON.stringify({ large: 6 * MEGABYTE - 2 }));
      const { errorType } = await answerTo(server, { large: 6 * MEGABYTE });
      return { fits: JSON.parse(fits.text).length, errorType };
    },
  ),
  serviceCase(
    "a function beyond its timeout is stopped",
    {
      source: TIMEOUT,
      says: "Lambda runs your code for a set amount of time before timing out. Timeout is the maximum amount of time in seconds that a Lambda function can run.",
      is: { errorType: "Sandbox.Timedout", message: "Error: Task timed out after 0.30 seconds", next: 1 },
    },
    async (server) => {
      server.lambda.create(functionIn("echo", { timeout: milliseconds(300) }));
      const { errorType, errorMessage } = await answerTo(server, { hang: true });
      const { invocations: next } = await answerTo(server, {});
      return { errorType, message: errorMessage.replace(/^RequestId: \S+ /, ""), next };
    },
  ),
  serviceCase(
    "a function that ends its process fails, and the next invocation starts a new one",
    {
      source: ENVIRONMENT,
      says: "If the Lambda function crashes or times out during the Invoke phase, Lambda resets the execution environment.",
      is: {
        errorType: "Runtime.ExitError",
        message: "Error: Runtime exited with error: exit status 3",
        next: 1,
      },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      await answerTo(server, {});
      const { errorType, errorMessage } = await answerTo(server, { exit: 3 });
      const { invocations: next } = await answerTo(server, {});
      return { errorType, message: errorMessage.replace(/^RequestId: \S+ /, ""), next };
    },
  ),
  serviceCase(
    "a handler with a callback is refused by the runtime of Node.js 24",
    {
      source: NODE_HANDLER,
      says: "Callback-based function handlers are only supported up to Node.js 22. Starting from Node.js 24, asynchronous tasks should be implemented using async function handlers.",
      is: "Runtime.CallbackHandlerDeprecated",
    },
    async (server) => {
      server.lambda.create(functionIn("echo", { handler: "index.withCallback" }));
      return (await answerTo(server, {})).errorType;
    },
  ),
  serviceCase(
    "a handler that is not exported, and a module that is not there, fail by name",
    {
      source: NODE_HANDLER,
      says: "The function handler name at the bottom of the function configuration: the file name and the name of the exported handler function, separated by a dot.",
      is: ["Runtime.HandlerNotFound", "Runtime.ImportModuleError"],
    },
    async (server) => {
      server.lambda.create(functionIn("echo", { functionName: "one", handler: "index.nobody" }));
      server.lambda.create(functionIn("echo", { functionName: "two", handler: "nowhere.handler" }));
      return [(await answerTo(server, {}, "one")).errorType, (await answerTo(server, {}, "two")).errorType];
    },
  ),
  serviceCase(
    "the context counts down to the timeout",
    {
      source: NODE_CONTEXT,
      says: "getRemainingTimeInMillis() – Returns the number of milliseconds left before the execution times out.",
      is: true,
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const { remaining } = await answerTo(server, {});
      return remaining > 0 && remaining <= 30_000;
    },
  ),
];
