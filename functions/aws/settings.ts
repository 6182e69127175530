import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { LookupPlaces } from "./lookups/lookup-calls.ts";

/**
 * A setting that the deployment must give.
 * @throws MillraceError `SETTING_MISSING`
 */
export function setting(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== "") return value;
  throw new MillraceError("SETTING_MISSING", `the environment variable ${name} is not set`, {
    next: "refused",
  });
}

/**
 * The epoch that a deployment goes on with: 0 where it does not say.
 * @throws MillraceError `SETTING_MISSING` where it says something else than an epoch
 */
export function epochSetting(): number {
  const text = process.env["MILLRACE_EPOCH"] ?? "0";
  const epoch = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(epoch)) return epoch;
  throw new MillraceError(
    "SETTING_MISSING",
    `the environment variable MILLRACE_EPOCH is no epoch: "${text}"`,
    {
      next: "refused",
    },
  );
}

/** Where the tables are that the function looks up, by the names that pipelines use. */
export const lookupPlaces = (): LookupPlaces =>
  JSON.parse(process.env["MILLRACE_LOOKUPS"] ?? "{}") as LookupPlaces;

/** Names of deployed streams, by the id of a source stream or of the stage that an internal stream feeds. */
export function streamNames(): (stream: string) => string {
  const names = JSON.parse(setting("MILLRACE_STREAMS")) as Record<string, string>;
  return (stream) => names[stream] ?? stream;
}
