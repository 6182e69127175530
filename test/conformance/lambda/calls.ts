import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LambdaServer } from "../../local/lambda/lambda-server.ts";

/** An answer of the Invoke API, as far as cases look at it. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

/** Calls Invoke over HTTP. @param name - as the path has it: a name or an ARN */
export async function invoke(
  { url }: LambdaServer,
  name: string,
  payload: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  const response = await fetch(`${url}${path}`, { method: "POST", body: payload, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What the test function answers to an event. */
export async function answerTo(server: LambdaServer, event: unknown, name = "echo"): Promise<Result> {
  return JSON.parse((await invoke(server, name, JSON.stringify(event))).text);
}

/** What the test function says of itself. */
export type Result = {
  readonly event: unknown;
  readonly pid: number;
  readonly invocations: number;
  readonly remaining: number;
  readonly timeZone: string;
  readonly errorType: string;
  readonly errorMessage: string;
};

/** The error's name and status of an answer. */
export const errorOf = ({ status, headers }: Answer): readonly [number, string | null] => [
  status,
  headers.get("x-amzn-errortype"),
];

/** Resolves when a function logs a line that begins so. */
export const logged = ({ lambda }: LambdaServer, start: string): Promise<string> =>
  new Promise((resolve) => {
    const off = lambda.logs.onLine(({ line }) => {
      if (!line.startsWith(start)) return;
      off();
      resolve(line);
    });
  });

/**
 * Runs something while an invocation of the function is under way and has logged a line, then lets it go.
 * @param onAnswer - gets the answer of that invocation
 */
export async function whileRunning<T>(
  server: LambdaServer,
  name: string,
  run: () => Promise<T>,
  options: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly onAnswer?: (answer: Answer) => void;
  } = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-conformance-"));
  const file = join(folder, "go");
  const waiting = logged(server, "waiting");
  const running = invoke(server, name, JSON.stringify({ waitFor: file }), options.headers);
  await waiting;
  try {
    return await run();
  } finally {
    writeFileSync(file, "go");
    const answer = await running;
    options.onAnswer?.(answer);
    rmSync(folder, { recursive: true });
  }
}
