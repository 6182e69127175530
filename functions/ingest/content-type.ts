import { refused } from "../aws/answer.ts";

/** How a body carries events: one or an array of them, one a line, or as CloudEvents. */
export type Format = "json" | "ndjson" | "cloudevent" | "cloudevents";

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ["application/json", "json"],
  ["application/x-ndjson", "ndjson"],
  ["application/ndjson", "ndjson"],
  ["application/jsonl", "ndjson"],
  ["application/cloudevents+json", "cloudevent"],
  ["application/cloudevents-batch+json", "cloudevents"],
]);

/**
 * Reads a Content-Type. A request without one is taken for JSON.
 * @throws MillraceError `CONTENT_TYPE` for any other type, and for another charset than UTF-8
 */
export function formatOf(header: string | undefined): Format {
  if (header === undefined) return "json";
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const format = FORMATS.get(type);
  if (format === undefined)
    throw refused("CONTENT_TYPE", `content type "${type}"; send one of ${[...FORMATS.keys()].join(", ")}`);
  for (const parameter of parameters)
    if (parameter.startsWith("charset=") && !/^charset="?utf-?8"?$/.test(parameter))
      throw refused("CONTENT_TYPE", `"${parameter}"; events are UTF-8`);
  return format;
}
