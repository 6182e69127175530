import { isUtf8 } from "node:buffer";
import { refused } from "../aws/answer.ts";
import type { Body } from "./body.ts";
import { binaryAttributes, readCloudEvent } from "./cloudevents.ts";
import type { Format } from "./content-type.ts";
import type { EventSorter } from "./event-sorter.ts";

/**
 * Hands the events of a body to a sorter, in order.
 * @throws MillraceError `BODY_JSON` where the body as a whole is no JSON (of NDJSON only the line is refused),
 * `BODY_EMPTY` where there is no event in it
 */
export async function readEvents(body: Body, format: Format, sorter: EventSorter): Promise<void> {
  if (format === "ndjson") await readLines(body, sorter);
  else await readDocument(parsed(body), format, sorter);
  if (sorter.count === 0) throw refused("BODY_EMPTY", "the body holds no event");
}

/** Hands the body, one CloudEvent's data, to a sorter. */
export async function readBinaryMode(
  body: Body,
  headers: ReadonlyMap<string, string>,
  sorter: EventSorter,
): Promise<void> {
  const attributes = binaryAttributes(headers);
  if (typeof attributes === "string") sorter.refuse("EVENT_CLOUDEVENT", attributes);
  else await sorter.take(parsed(body), attributes);
}

async function readLines(body: Body, sorter: EventSorter): Promise<void> {
  for (const line of linesOf(body)) {
    if (line === undefined) {
      sorter.refuse("EVENT_JSON", "the line is not UTF-8");
      continue;
    }
    if (BLANK.test(line)) continue;
    let data: unknown;
    try {
      data = JSON.parse(line);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      sorter.refuse("EVENT_JSON", error.message);
      continue;
    }
    const pending = sorter.take(data);
    // to await each event, also one that is judged at once, would cost as much as judging it
    if (pending !== undefined) await pending;
  }
}

const BLANK = /^\s*$/;
const LINE_FEED = 0x0a;

/** The lines of a body; undefined for one that is not UTF-8, which leaves its neighbours readable. */
function linesOf(body: Body): readonly (string | undefined)[] {
  if (typeof body === "string") return withoutMark(body).split("\n");
  const lines: (string | undefined)[] = [];
  for (let start = 0; start <= body.length; ) {
    const found = body.indexOf(LINE_FEED, start);
    const end = found === -1 ? body.length : found;
    const line = body.subarray(start, end);
    lines.push(isUtf8(line) ? line.toString() : undefined);
    start = end + 1;
  }
  return lines;
}

async function readDocument(value: unknown, format: Format, sorter: EventSorter): Promise<void> {
  if (format === "cloudevents" && !Array.isArray(value))
    throw refused("BODY_JSON", "a batch of CloudEvents is a JSON array");
  // one CloudEvent is no array, and is told so
  const events: readonly unknown[] = Array.isArray(value) && format !== "cloudevent" ? value : [value];
  for (const event of events) {
    const pending = format === "json" ? sorter.take(event) : takeCloudEvent(event, sorter);
    if (pending !== undefined) await pending;
  }
}

function takeCloudEvent(event: unknown, sorter: EventSorter): Promise<void> | undefined {
  const read = readCloudEvent(event);
  if ("data" in read) return sorter.take(read.data, read.attributes);
  sorter.refuse("EVENT_CLOUDEVENT", read.wrong);
  return undefined;
}

function parsed(body: Body): unknown {
  if (typeof body !== "string") throw refused("BODY_JSON", "the body is not UTF-8");
  const text = withoutMark(body);
  if (BLANK.test(text)) throw refused("BODY_EMPTY", "the body is empty");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused("BODY_JSON", `the body is no JSON: ${cause instanceof Error ? cause.message : ""}`, cause);
  }
}

/** Some editors and shells begin a file with a byte order mark, which is no JSON. */
const withoutMark = (text: string): string => (text.startsWith("\ufeff") ? text.slice(1) : text);
