import type { Compression } from "../../shared/frames/compression.ts";
import type { Streams } from "../../shared/protocol/ports.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { type Answer, refused } from "../aws/answer.ts";
import { answer } from "./answer.ts";
import { readBody } from "./body.ts";
import { isBinaryMode } from "./cloudevents.ts";
import { formatOf } from "./content-type.ts";
import { EventSorter } from "./event-sorter.ts";
import { pack } from "./pack.ts";
import { place } from "./place.ts";
import { mayHoldProto } from "./proto-key.ts";
import { readBinaryMode, readEvents } from "./read-events.ts";
import type { IngestRequest } from "./request.ts";
import type { Source } from "./source.ts";
import type { Rejection } from "./verdict.ts";

export type IngestPorts = {
  readonly streams: Streams;
  readonly compression: Compression;
  readonly clock: Clock;
};

/** What became of a request's events, and what the client is told. */
export type Outcome = {
  readonly answer: Answer;
  readonly accepted: number;
  readonly rejected: readonly Rejection[];
  /** Indexes of the good events that the stream did not take in time. */
  readonly unplaced: readonly number[];
};

/**
 * Takes the events of a request into their stream.
 *
 * | status | means |
 * |---|---|
 * | 202 | at least one event was accepted, and the stream has all that were |
 * | 400, 422 | none was accepted: no line was JSON, or what was JSON is no event of this stream |
 * | 503 | events were good and found no place in the stream: `unplaced` lists them; send these again |
 *
 * Every answer but a refusal holds `{ accepted, rejected: [{ index, code, message, path? }] }`.
 * @throws MillraceError for a request that is refused as a whole: `BODY_…`, `CONTENT_…`
 */
export async function ingest(source: Source, request: IngestRequest, ports: IngestPorts): Promise<Outcome> {
  const { headers } = request;
  const format = formatOf(headers.get("content-type"));
  const body = readBody(request);
  const arrivedAt = ports.clock.now();
  const sorter = new EventSorter(source, {
    arrivedAt,
    idempotencyKey: headers.get("idempotency-key"),
    mayHoldProto: typeof body !== "string" || mayHoldProto(body),
  });
  const binaryMode = format === "json" && isBinaryMode(headers);
  await (binaryMode ? readBinaryMode(body, headers, sorter) : readEvents(body, format, sorter));

  const { id: stream, partitions } = source;
  const options = { stream, partitions, sentAt: arrivedAt, compression: ports.compression };
  const packed = sorter.lanes.map((lane) => pack(lane, options));
  const parcels = packed.flatMap((each) => each.parcels);
  const rejected = [...sorter.rejected, ...packed.flatMap((each) => each.rejected)].sort(byIndex);
  const good = sorter.count - rejected.length;
  const left = good === 0 ? undefined : await place(ports.streams, stream, parcels);
  if (left === undefined) return { answer: verdict(good, rejected), accepted: good, rejected, unplaced: [] };

  const accepted = good - left.indexes.length;
  const { code, message } = left.error;
  const told = { code, message, accepted, rejected, unplaced: left.indexes };
  return { answer: answer(503, told, { "retry-after": "1" }), accepted, rejected, unplaced: left.indexes };
}

function verdict(accepted: number, rejected: readonly Rejection[]): Answer {
  const unreadable = rejected.every(({ code }) => code === "EVENT_JSON");
  return answer(accepted > 0 ? 202 : unreadable ? 400 : 422, { accepted, rejected });
}

const byIndex = (a: Rejection, b: Rejection): number => a.index - b.index;

/**
 * Finds the stream that a request is for.
 * @throws MillraceError `METHOD`, `STREAM_UNKNOWN`
 */
export function sourceFor({ method, stream }: IngestRequest, sources: ReadonlyMap<string, Source>): Source {
  if (method !== "POST") throw refused("METHOD", `${method} is not POST`);
  const source = sources.get(stream);
  if (source === undefined) throw refused("STREAM_UNKNOWN", `there is no stream "${stream}"`);
  return source;
}
