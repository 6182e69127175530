import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { InvokeResult } from "../../../local/lambda/invocation.ts";
import type { LambdaService } from "../../../local/lambda/lambda-service.ts";
import { hours, milliseconds, minutes } from "../../../shared/time/time.ts";
import { steppingClock } from "../sources/kinesis-fixture.ts";
import { functionIn, type LambdaServer, startLambda } from "./lambda-server.ts";

let server: LambdaServer;
let lambda: LambdaService;
let folder: string;

beforeEach(async () => {
  server = await startLambda({ concurrency: 2 });
  lambda = server.lambda;
  lambda.create(functionIn("echo"));
  folder = mkdtempSync(join(tmpdir(), "millrace-lambda-"));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const call = (event: unknown, name = "echo"): Promise<InvokeResult> =>
  lambda.invoke(name, JSON.stringify(event));
const answerOf = ({ payload }: InvokeResult) => JSON.parse(new TextDecoder().decode(payload));

/** Resolves with the pid of an invocation that waits for `go`. */
const waiting = (): Promise<number> =>
  new Promise((resolve) => {
    const off = lambda.logs.onLine(({ line }) => {
      const [word, pid] = line.split(" ");
      if (word !== "waiting") return;
      off();
      resolve(Number(pid));
    });
  });
const go = (name: string) => writeFileSync(join(folder, name), "go");

describe("an invocation", () => {
  test("gives the handler its event, its context and the template's environment", async () => {
    const result = await call({ n: 1 });
    expect(result.functionError).toBeUndefined();
    expect(answerOf(result)).toMatchObject({
      event: { n: 1 },
      greeting: "hello",
      functionName: "echo",
      requestId: result.requestId,
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect(answerOf(result).remaining).toBeGreaterThan(20_000);
  });

  test("that throws answers with the error's type, message and trace", async () => {
    const result = await call({ fail: "out of range" });
    expect(result.functionError).toBe("Unhandled");
    expect(answerOf(result)).toMatchObject({ errorType: "RangeError", errorMessage: "out of range" });
    expect(answerOf(result).trace[0]).toBe("RangeError: out of range");
    expect(lambda.counters()).toMatchObject({ invocations: 1, errors: 1, killed: 0 });
  });

  test("is answered by a warm environment the next time", async () => {
    const first = answerOf(await call({}));
    const second = answerOf(await call({}));
    expect([second.pid, second.invocations]).toEqual([first.pid, 2]);
    expect(lambda.counters().started).toBe(1);
  });

  test("leaves what it logged behind, under the function's name", async () => {
    await call({ log: "from the handler" });
    // stdout is another pipe than the answer: the line may come after it
    const seen = () => lambda.logs.tail(10, "echo").some(({ line }) => line === "from the handler");
    if (!seen()) await new Promise<void>((resolve) => lambda.logs.onLine(() => seen() && resolve()));
    expect(seen()).toBe(true);
  });

  test("beyond its timeout is killed and fails", async () => {
    lambda.create(functionIn("echo", { functionName: "hasty", timeout: milliseconds(200) }));
    const result = await call({ hang: true }, "hasty");
    expect(answerOf(result)).toEqual({
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${result.requestId} Error: Task timed out after 0.20 seconds`,
    });
    expect((await call({}, "hasty")).functionError).toBeUndefined();
    expect(lambda.counters()).toMatchObject({ started: 2, killed: 1 });
  });

  test("that ends its process fails, and the next one gets a new process", async () => {
    const result = await call({ exit: 3 });
    expect(answerOf(result)).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${result.requestId} Error: Runtime exited with error: exit status 3`,
    });
    expect((await call({})).functionError).toBeUndefined();
  });

  test("of an unknown function, or with more than 6 MB, is refused", async () => {
    await expect(call({}, "nobody")).rejects.toMatchObject({
      code: "ResourceNotFoundException",
      status: 404,
    });
    await expect(call("x".repeat(6 * 1024 * 1024))).rejects.toMatchObject({
      code: "RequestTooLargeException",
      status: 413,
    });
  });

  test("with a result of more than 6 MB fails", async () => {
    expect(answerOf(await call({ large: 6 * 1024 * 1024 }))).toMatchObject({
      errorType: "Function.ResponseSizeTooLarge",
    });
    expect(answerOf(await call({ large: 6 * 1024 * 1024 - 2 }))).toHaveLength(6 * 1024 * 1024 - 2);
  });
});

describe("credentials", () => {
  test("of an environment lead to its function and role, and differ between functions", async () => {
    const role = "arn:aws:iam::000000000000:role/echo-role";
    lambda.update(functionIn("echo", { role }));
    lambda.create(functionIn("echo", { functionName: "other" }));
    const [echo, other] = [answerOf(await call({})), answerOf(await call({}, "other"))];
    expect(echo.accessKeyId).toMatch(/^LOCAL[0-9A-F]{15}$/);
    expect(other.accessKeyId).not.toBe(echo.accessKeyId);
    expect(lambda.identityOf(echo.accessKeyId)).toMatchObject({
      functionName: "echo",
      role,
      credentials: { sessionToken: echo.sessionToken },
    });
    expect(lambda.identityOf(other.accessKeyId)?.role).toBeUndefined();
    expect(lambda.identityOf("LOCAL0123456789ABCDEF")).toBeUndefined();
  });
});

describe("the environment", () => {
  test("refuses Lambda's own variables, and more than 4 KB", () => {
    const withVariables = (environment: Record<string, string>) => () =>
      lambda.update(functionIn("echo", { environment }));
    expect(withVariables({ AWS_ACCESS_KEY_ID: "mine" })).toThrow("reserved keys");
    expect(withVariables({ LARGE: "x".repeat(4_096) })).toThrow("4KB limit");
  });

  test("is in UTC, whatever the machine's time zone, unless the function says otherwise", async () => {
    expect(answerOf(await call({})).timeZone).toBe("UTC");
    lambda.update(functionIn("echo", { environment: { TZ: "Europe/Berlin" } }));
    expect(answerOf(await call({})).timeZone).toBe("Europe/Berlin");
  });
});

describe("concurrency", () => {
  test("that is reserved throttles what is beyond it, and nothing else", async () => {
    lambda.create(functionIn("echo", { functionName: "one-at-a-time", reservedConcurrency: 1 }));
    const running = waiting();
    const first = call({ waitFor: join(folder, "one") }, "one-at-a-time");
    await running;
    await expect(call({}, "one-at-a-time")).rejects.toMatchObject({
      code: "TooManyRequestsException",
      status: 429,
      detail: { Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" },
    });
    expect((await call({})).functionError).toBeUndefined();
    go("one");
    await first;
    expect((await call({}, "one-at-a-time")).functionError).toBeUndefined();
    expect(lambda.counters().throttles).toBe(1);
  });
});

describe("processes", () => {
  test("killed -9 while they run fail their invocation as Lambda does", async () => {
    const running = waiting();
    const result = call({ waitFor: join(folder, "never") });
    const pid = await running;
    expect(lambda.processes()).toEqual([{ functionName: "echo", pid, busy: true }]);
    process.kill(pid, "SIGKILL");
    expect(answerOf(await result)).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringContaining("signal: killed"),
    });
    expect(answerOf(await call({})).pid).not.toBe(pid);
  });

  test("killed -9 while idle are replaced, and nobody notices", async () => {
    const { pid } = answerOf(await call({}));
    process.kill(pid, "SIGKILL");
    while (lambda.counters().killed === 0) await new Promise(setImmediate);
    const result = await call({});
    expect(result.functionError).toBeUndefined();
    expect(answerOf(result).pid).not.toBe(pid);
  });

  test("are as many as invocations at once, up to the limit; the rest wait", async () => {
    const waits: Promise<InvokeResult>[] = [];
    for (const name of ["one", "two"]) {
      const running = waiting();
      waits.push(call({ waitFor: join(folder, name) }));
      await running;
    }
    const third = call({});
    expect(lambda.processes()).toHaveLength(2);
    go("one");
    expect((await third).functionError).toBeUndefined();
    go("two");
    await Promise.all(waits);
    expect(lambda.counters().started).toBe(2);
  });

  test("are picked at random among the idle ones", async () => {
    const running = waiting();
    const first = call({ waitFor: join(folder, "one") });
    await running;
    await call({});
    go("one");
    await first;
    const pids = new Set<number>();
    while (pids.size < 2) pids.add(answerOf(await call({})).pid);
    expect(lambda.counters().started).toBe(2);
  });
});

describe("an environment", () => {
  test("that waits for too long, or lives for too long, is ended", async () => {
    const clock = steppingClock();
    const server = await startLambda({ clock, lifetimes: { idle: minutes(10), age: hours(2) } });
    const { lambda } = server;
    lambda.create(functionIn("echo"));
    const pid = async () => answerOf(await lambda.invoke("echo", "{}")).pid;
    const first = await pid();
    clock.advance(minutes(9));
    lambda.reap();
    expect(await pid()).toBe(first);
    clock.advance(minutes(11));
    lambda.reap();
    const second = await pid();
    expect(second).not.toBe(first);
    for (let passed = 0; passed <= hours(2); passed += minutes(5)) {
      expect(await pid()).toBe(second);
      clock.advance(minutes(5));
    }
    lambda.reap();
    expect(await pid()).not.toBe(second);
    await server.close();
  });

  test("is never used twice where all invocations shall start cold", async () => {
    const server = await startLambda({ concurrency: 1, lifetimes: { coldStartShare: 1 } });
    server.lambda.create(functionIn("echo"));
    for (let call = 0; call < 3; call++)
      expect(answerOf(await server.lambda.invoke("echo", "{}")).invocations).toBe(1);
    await server.close();
  });
});

describe("an update", () => {
  const greeting = (text: string) => functionIn("echo", { environment: { GREETING: text } });

  test("rolls: what runs ends as it began, what comes meets the new version", async () => {
    const running = waiting();
    const old = call({ waitFor: join(folder, "old") });
    const pid = await running;
    lambda.update(greeting("moin"));
    const fresh = answerOf(await call({}));
    expect([fresh.greeting, fresh.invocations]).toEqual(["moin", 1]);
    expect(fresh.pid).not.toBe(pid);
    go("old");
    expect((await old).functionError).toBeUndefined();
    while (lambda.processes().some((process) => process.pid === pid)) await new Promise(setImmediate);
    expect(lambda.processes().map((process) => process.pid)).toEqual([fresh.pid]);
  });

  test("ends idle environments of the old version", async () => {
    await call({});
    lambda.update(greeting("moin"));
    while (lambda.processes().length > 0) await new Promise(setImmediate);
    expect(answerOf(await call({})).greeting).toBe("moin");
  });

  test("with the same configuration keeps the environments", async () => {
    const { pid } = answerOf(await call({}));
    lambda.update(functionIn("echo"));
    expect(answerOf(await call({})).pid).toBe(pid);
  });

  test("of reserved concurrency alone keeps the environments", async () => {
    const { pid } = answerOf(await call({}));
    lambda.update(functionIn("echo", { reservedConcurrency: 0 }));
    await expect(call({})).rejects.toMatchObject({ code: "TooManyRequestsException" });
    lambda.update(functionIn("echo"));
    expect(answerOf(await call({})).pid).toBe(pid);
  });

  test("of the folder alone keeps what runs, and starts the next environment there", async () => {
    const { pid } = answerOf(await call({}));
    cpSync(functionIn("echo").taskRoot, folder, { recursive: true });
    lambda.relocate("echo", folder);
    expect(answerOf(await call({})).pid).toBe(pid);
    process.kill(pid, "SIGKILL");
    while (lambda.counters().killed === 0) await new Promise(setImmediate);
    expect(realpathSync(answerOf(await call({})).folder)).toBe(realpathSync(folder));
  });

  test("of an unknown function is refused, as is making a known one", () => {
    expect(() => lambda.update(functionIn("broken"))).toThrow("Function not found: broken");
    expect(() => lambda.create(functionIn("echo"))).toThrow("Function already exist: echo");
  });
});

describe("a removed function", () => {
  test("finishes what it runs and takes no more; its name is free again", async () => {
    const running = waiting();
    const last = call({ waitFor: join(folder, "last") });
    await running;
    lambda.remove("echo");
    await expect(call({})).rejects.toMatchObject({ code: "ResourceNotFoundException" });
    go("last");
    expect((await last).functionError).toBeUndefined();
    while (lambda.processes().length > 0) await new Promise(setImmediate);
    lambda.create(functionIn("echo"));
    expect((await call({})).functionError).toBeUndefined();
  });
});

describe("a handler", () => {
  test("may be CommonJS, although a package.json above it says module", async () => {
    lambda.create(functionIn("common-js"));
    expect(answerOf(await call({}, "common-js"))).toBe("index.js");
  });

  test("whose module throws fails the invocation that started it", async () => {
    lambda.create(functionIn("broken"));
    const result = await call({}, "broken");
    expect(answerOf(result)).toMatchObject({ errorType: "TypeError", errorMessage: "no configuration" });
  });

  test.each([
    ["missing.handler", "Runtime.ImportModuleError"],
    ["index.notAFunction", "Runtime.HandlerNotFound"],
    ["index.withCallback", "Runtime.CallbackHandlerDeprecated"],
  ])("named %s fails with %s", async (handler, errorType) => {
    lambda.create(functionIn("echo", { functionName: "wrong", handler }));
    expect(answerOf(await call({}, "wrong"))).toMatchObject({ errorType });
  });
});
