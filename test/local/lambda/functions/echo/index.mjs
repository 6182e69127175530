/** A function for tests: does what its event says. */
import { readFileSync } from "node:fs";

let invocations = 0;

export async function handler(event, context) {
  invocations += 1;
  if (event.log !== undefined) process.stdout.write(`${event.log}\n`);
  if (event.fail !== undefined) throw new RangeError(event.fail);
  if (event.exit !== undefined) process.exit(event.exit);
  if (event.hang) await new Promise(() => setInterval(() => {}, 1_000));
  if (event.waitFor !== undefined) {
    // a file appears when the test lets this invocation go on
    const { watch, existsSync } = await import("node:fs");
    const { dirname } = await import("node:path");
    process.stdout.write(`waiting ${process.pid}\n`);
    await new Promise((resolve) => {
      const watcher = watch(dirname(event.waitFor), check);
      function check() {
        if (!existsSync(event.waitFor)) return;
        watcher.close();
        resolve();
      }
      check();
    });
    return { pid: process.pid, said: readFileSync(event.waitFor, "utf8") };
  }
  if (event.large !== undefined) return "x".repeat(event.large);
  return {
    event,
    pid: process.pid,
    invocations,
    greeting: process.env.GREETING,
    accessKeyId: process.env.AWS_ACCESS_KEY_ID,
    sessionToken: process.env.AWS_SESSION_TOKEN,
    folder: process.cwd(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    endpoint: process.env.AWS_ENDPOINT_URL,
    functionName: context.functionName,
    requestId: context.awsRequestId,
    remaining: context.getRemainingTimeInMillis(),
  };
}

export const notAFunction = 1;
export function withCallback(_event, _context, callback) {
  callback(null, "never");
}
