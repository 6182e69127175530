import { hours, minutes } from "../../../../shared/time/time.ts";
import { functionIn } from "../../../local/lambda/lambda-server.ts";
import { steppingClock } from "../../../local/sources/kinesis-fixture.ts";
import type { Case } from "../../harness/case.ts";
import { answerTo, errorOf, invoke, whileRunning } from "../calls.ts";
import { CONCURRENCY, ENVIRONMENT, INVOKE, RESERVED, VARIABLES } from "../pages.ts";
import { type Scenes, serviceCase } from "../scenes.ts";

const reasonOf = ({ text }: { readonly text: string }): string => JSON.parse(text).Reason;
const reserved = (functionName: string, reservedConcurrency: number) =>
  functionIn("echo", { functionName, reservedConcurrency });

/** What runs a function: cold, warm, how many, with which variables. */
export const environments: readonly Case<Scenes>[] = [
  serviceCase(
    "a warm environment keeps what the function remembers",
    {
      source: ENVIRONMENT,
      says: "Objects declared outside of the function's handler method remain initialized, providing additional optimization when the function is invoked again.",
      is: { invocations: [1, 2, 3], processes: 1 },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const seen: number[] = [];
      for (let call = 0; call < 3; call++) seen.push((await answerTo(server, {})).invocations);
      return { invocations: seen, processes: server.lambda.counters().started };
    },
  ),
  serviceCase(
    "an environment runs one invocation at a time",
    {
      source: CONCURRENCY,
      says: "For each concurrent request, Lambda provisions a separate instance of your execution environment.",
      is: { cold: 1, processes: 2 },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      return whileRunning(server, "echo", async () => {
        const { invocations: cold } = await answerTo(server, {});
        return { cold, processes: server.lambda.counters().started };
      });
    },
  ),
  serviceCase(
    "no environment is promised: any invocation may start cold",
    {
      source: ENVIRONMENT,
      says: "Do not assume that Lambda automatically reuses the execution environment for future function invocations.",
      is: [1, 1, 1],
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      const seen: number[] = [];
      for (let call = 0; call < 3; call++) seen.push((await answerTo(server, {})).invocations);
      return seen;
    },
    { lifetimes: { coldStartShare: 1 } },
  ),
  {
    name: "an environment ends after some hours, also where it is always at work",
    aws: {
      source: ENVIRONMENT,
      says: "Lambda terminates execution environments every few hours to allow for runtime updates and maintenance—even for functions that are invoked continuously.",
      is: [true, false],
    },
    run: (client) => {
      const clock = steppingClock();
      return client.service({ clock, lifetimes: { age: hours(2), idle: hours(1) } }, async (server) => {
        server.lambda.create(functionIn("echo"));
        const { pid: first } = await answerTo(server, {});
        const same: boolean[] = [];
        for (const passes of [minutes(50), minutes(90)]) {
          clock.advance(passes - minutes(45));
          await answerTo(server, {});
          clock.advance(minutes(45));
          server.lambda.reap();
          same.push((await answerTo(server, {})).pid === first);
        }
        return same;
      });
    },
  },
  {
    name: "an environment that is idle stays for a while, and ends",
    aws: {
      source: ENVIRONMENT,
      says: "After the function and all extensions have completed, Lambda maintains the execution environment for some time in anticipation of another function invocation.",
      is: { meanwhile: 1, afterwards: 0 },
    },
    run: (client) => {
      const clock = steppingClock();
      return client.service({ clock, lifetimes: { idle: minutes(10) } }, async (server) => {
        server.lambda.create(functionIn("echo"));
        await answerTo(server, {});
        clock.advance(minutes(9));
        server.lambda.reap();
        const meanwhile = server.lambda.processes().length;
        clock.advance(minutes(2));
        server.lambda.reap();
        while (server.lambda.processes().length > 0) await new Promise(setImmediate);
        return { meanwhile, afterwards: server.lambda.processes().length };
      });
    },
  },
  serviceCase(
    "reserved concurrency throttles what is beyond it",
    {
      source: RESERVED,
      says: "Reserved concurrency – This sets both the maximum and minimum number of concurrent instances allocated to your function. (TooManyRequestsException, 429, Reason: ReservedFunctionConcurrentInvocationLimitExceeded)",
      is: {
        refused: [429, "TooManyRequestsException"],
        reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
      },
    },
    async (server) => {
      server.lambda.create(reserved("one", 1));
      return whileRunning(server, "one", async () => {
        const answer = await invoke(server, "one", "{}");
        return { refused: errorOf(answer), reason: reasonOf(answer) };
      });
    },
  ),
  serviceCase(
    "reserved concurrency 0 lets nothing run",
    {
      source: RESERVED,
      says: "To throttle a function, set the reserved concurrency to 0. This stops any events from being processed until you remove the limit.",
      is: [429, "TooManyRequestsException"],
    },
    async (server) => {
      server.lambda.create(reserved("off", 0));
      return errorOf(await invoke(server, "off", "{}"));
    },
  ),
  serviceCase(
    "functions without reserved concurrency share the account's",
    {
      source: CONCURRENCY,
      says: "By default, Lambda provides your account with a total concurrency limit of 1,000 concurrent executions across all functions in an AWS Region. … Reason: ConcurrentInvocationLimitExceeded",
      is: { other: "ConcurrentInvocationLimitExceeded", afterwards: 200 },
    },
    async (server) => {
      server.lambda.create(functionIn("echo"));
      server.lambda.create(functionIn("echo", { functionName: "other" }));
      const other = await whileRunning(server, "echo", () => invoke(server, "other", "{}"));
      return { other: reasonOf(other), afterwards: (await invoke(server, "other", "{}")).status };
    },
    { accountConcurrency: 1 },
  ),
  serviceCase(
    "what is reserved for one function is not there for others",
    {
      source: CONCURRENCY,
      says: "When a function has reserved concurrency, no other function can use that concurrency.",
      is: { others: 429, reservedOne: 200 },
    },
    async (server) => {
      server.lambda.create(reserved("vip", 3));
      server.lambda.create(functionIn("echo"));
      return {
        others: (await invoke(server, "echo", "{}")).status,
        reservedOne: (await invoke(server, "vip", "{}")).status,
      };
    },
    { accountConcurrency: 3 },
  ),
  {
    name: "ten invocations a second run for each concurrent execution, however short they are",
    aws: {
      source: CONCURRENCY,
      says: "Across all functions in your account, Lambda enforces a requests per second limit that's equal to 10 times your account concurrency. … The requests per second limit applies to all quotas involving concurrency. (Reason: ReservedFunctionInvocationRateLimitExceeded)",
      is: { ran: 10, refused: "ReservedFunctionInvocationRateLimitExceeded", aSecondLater: 200 },
    },
    run: (client) => {
      const clock = steppingClock();
      return client.service({ clock }, async (server) => {
        server.lambda.create(reserved("quick", 1));
        const answers = [];
        for (let call = 0; call < 11; call++) answers.push(await invoke(server, "quick", "{}"));
        clock.advance(1_000);
        return {
          ran: answers.filter(({ status }) => status === 200).length,
          refused: reasonOf(answers.at(-1) ?? { text: "{}" }),
          aSecondLater: (await invoke(server, "quick", "{}")).status,
        };
      });
    },
  },
  serviceCase(
    "the runtime's variables say what runs where",
    {
      source: VARIABLES,
      says: "Reserved environment variables: _HANDLER, AWS_REGION, AWS_EXECUTION_ENV, AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_MEMORY_SIZE, AWS_LAMBDA_FUNCTION_VERSION, AWS_LAMBDA_LOG_GROUP_NAME, AWS_LAMBDA_LOG_STREAM_NAME, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT, TZ (:UTC)",
      is: {
        _HANDLER: "index.handler",
        AWS_REGION: "us-east-1",
        AWS_DEFAULT_REGION: "us-east-1",
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
        AWS_LAMBDA_FUNCTION_NAME: "variables",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/variables",
        TZ: ":UTC",
        set: [true, true, true, true, true, true],
      },
    },
    async (server) => {
      server.lambda.create(functionIn("variables"));
      const variables = JSON.parse((await invoke(server, "variables", "{}")).text);
      const named = [
        "_HANDLER",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "TZ",
      ];
      const set = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "LAMBDA_TASK_ROOT",
      ];
      return {
        ...Object.fromEntries(named.map((name) => [name, variables[name]])),
        set: set.map((name) => typeof variables[name] === "string" && variables[name] !== ""),
      };
    },
  ),
  serviceCase(
    "a function cannot set the runtime's variables, nor more than 4 KB",
    {
      source: VARIABLES,
      says: "The keys for these environment variables are reserved and cannot be set in your function configuration. … The total size of all environment variables doesn't exceed 4 KB.",
      is: ["InvalidParameterValueException", "InvalidParameterValueException", undefined],
    },
    async (server) => {
      const refusalOf = (environment: Readonly<Record<string, string>>) => {
        try {
          server.lambda.create(functionIn("echo", { environment }));
          return undefined;
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        refusalOf({ AWS_REGION: "eu-west-1" }),
        refusalOf({ LARGE: "x".repeat(4_096) }),
        refusalOf({ TZ: "Europe/Berlin" }),
      ];
    },
  ),
  serviceCase(
    "a function that throttles asynchronous events keeps them",
    {
      source: INVOKE,
      says: "For asynchronous invocation, Lambda adds events to a queue before sending them to your function.",
      is: { accepted: 202, refused: 429 },
    },
    async (server) => {
      server.lambda.create(reserved("one", 1));
      return whileRunning(server, "one", async () => ({
        accepted: (await invoke(server, "one", "{}", { "x-amz-invocation-type": "Event" })).status,
        refused: (await invoke(server, "one", "{}")).status,
      }));
    },
  ),
];
