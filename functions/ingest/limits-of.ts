import * as z from "zod";
import { milliseconds } from "../../shared/time/time.ts";
import type { TimeLimits } from "./source.ts";

const PerStream = z.record(z.string(), z.int().nonnegative().transform(milliseconds));

/**
 * Reads limits of event time from the environment; streams that are not named have none:
 * `MILLRACE_MAX_AGE_MS={"orders":86400000}`, `MILLRACE_MAX_AHEAD_MS={"orders":60000}`.
 */
export function limitsFrom(env: NodeJS.ProcessEnv): (stream: string) => TimeLimits {
  const perStream = (name: string) =>
    new Map(Object.entries(PerStream.parse(JSON.parse(env[name] ?? "{}") as unknown)));
  const ages = perStream("MILLRACE_MAX_AGE_MS");
  const aheads = perStream("MILLRACE_MAX_AHEAD_MS");
  return (stream) => ({ maxAge: ages.get(stream), maxAhead: aheads.get(stream) });
}
