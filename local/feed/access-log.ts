import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { parseTime } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { linesOf, samplePath } from "./sample.ts";

/** One request in a web server's access log. */
export type AccessEvent = {
  /** The line's number in its file: `line-1`. */
  readonly id: string;
  /** Event time: the server's stamp, to the second. */
  readonly time: EpochMs;
  readonly client: string;
  readonly method: string;
  /** Path and query as requested, still percent-encoded. */
  readonly path: string;
  readonly protocol: string;
  readonly status: number;
  /** Bytes of the body; 0 where the log says `-`. */
  readonly bytes: number;
  readonly referrer: string | null;
  readonly agent: string | null;
};

/** Reads an access log in Apache's combined format, in the order in which the server wrote it. */
export async function readAccessLog(path: string = samplePath("access.log.gz")): Promise<AccessEvent[]> {
  const lines = await linesOf(path);
  return lines.map((line, index) => parseAccessLine(line, index + 1));
}

/**
 * Parses one line of the combined format. A closing quote may be missing at the line's end, where servers
 * cut long agents.
 * @throws MillraceError SAMPLE_MALFORMED for any other line
 */
export function parseAccessLine(line: string, number: number): AccessEvent {
  const fields = COMBINED.exec(line)?.groups;
  const time = fields === undefined ? undefined : timeOf(fields);
  if (fields === undefined || time === undefined)
    throw new MillraceError("SAMPLE_MALFORMED", `access log, line ${number}: not in the combined format`, {
      next: "refused",
    });
  const field = (name: string): string => fields[name] ?? "";
  return {
    id: `line-${number}`,
    time,
    client: field("client"),
    method: field("method"),
    path: field("path"),
    protocol: field("protocol"),
    status: Number(field("status")),
    bytes: field("bytes") === "-" ? 0 : Number(field("bytes")),
    referrer: field("referrer") === "-" ? null : field("referrer"),
    agent: field("agent") === "-" ? null : field("agent"),
  };
}

const COMBINED = new RegExp(
  [
    /^(?<client>\S+) \S+ \S+/,
    / \[(?<day>\d\d)\/(?<month>[A-Z][a-z]{2})\/(?<year>\d{4}):(?<clock>\d\d:\d\d:\d\d) (?<zone>[+-]\d{4})\]/,
    / "(?<method>[A-Z]+) (?<path>\S+) (?<protocol>HTTP\/\d\.\d)"/,
    / (?<status>\d{3}) (?<bytes>\d+|-)/,
    / "(?<referrer>(?:[^"\\]|\\.)*)"/,
    / "(?<agent>(?:[^"\\]|\\.)*)"?$/,
  ]
    .map((part) => part.source)
    .join(""),
);

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function timeOf(fields: Readonly<Record<string, string>>): EpochMs | undefined {
  const { day, month = "", year, clock, zone } = fields;
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, "0");
  return parseTime(`${year}-${number}-${day}T${clock}${zone?.replace(/..$/, ":$&")}`);
}
