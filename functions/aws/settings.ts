import { MillraceError } from "../../shared/errors/millrace-error.ts";

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

/** Names of deployed streams, by the id of a source stream or of the stage that an internal stream feeds. */
export function streamNames(): (stream: string) => string {
  const names = JSON.parse(setting("MILLRACE_STREAMS")) as Record<string, string>;
  return (stream) => names[stream] ?? stream;
}
