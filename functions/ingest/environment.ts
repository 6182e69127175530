import { z } from "zod";
import { type DurationMs, milliseconds } from "../../shared/time/time.ts";
import type { TimeLimits } from "./source.ts";

/** What the function's environment says. */
export type Environment = {
  readonly application: string;
  readonly idempotencyTable: string;
  /** The Kinesis name of a stream. @default its id */
  readonly streamName: (stream: string) => string;
  readonly limitsOf: (stream: string) => TimeLimits;
};

const json = <T>(schema: z.ZodType<T>) => z.preprocess((text) => JSON.parse(String(text)), schema);
const PerStream = json(z.record(z.string(), z.int().nonnegative().transform(milliseconds))).default({});

const Variables = z.object({
  MILLRACE_APPLICATION: z.string(),
  MILLRACE_IDEMPOTENCY_TABLE: z.string(),
  /** `{ "flights": "millrace-flights" }` */
  MILLRACE_STREAMS: json(z.record(z.string(), z.string())).default({}),
  /** `{ "flights": 86400000 }`: older events are refused. */
  MILLRACE_MAX_AGE_MS: PerStream,
  /** `{ "flights": 60000 }`: events from further ahead are refused. */
  MILLRACE_MAX_AHEAD_MS: PerStream,
});

/** Reads the environment at a cold start. Throws, so that a function that was wired wrong never starts. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const variables = Variables.parse(env);
  const names = new Map(Object.entries(variables.MILLRACE_STREAMS));
  const ages = new Map<string, DurationMs>(Object.entries(variables.MILLRACE_MAX_AGE_MS));
  const aheads = new Map<string, DurationMs>(Object.entries(variables.MILLRACE_MAX_AHEAD_MS));
  return {
    application: variables.MILLRACE_APPLICATION,
    idempotencyTable: variables.MILLRACE_IDEMPOTENCY_TABLE,
    streamName: (stream) => names.get(stream) ?? stream,
    limitsOf: (stream) => ({ maxAge: ages.get(stream), maxAhead: aheads.get(stream) }),
  };
}
