import { z } from "zod";
import { zstd } from "../../../functions/aws/zstd.ts";
import { type IngestPorts, ingest, type Outcome } from "../../../functions/ingest/ingest.ts";
import { type ProxyEvent, requestOf } from "../../../functions/ingest/request.ts";
import { type Source, sourceOf } from "../../../functions/ingest/source.ts";
import type { WireEvent } from "../../../shared/events/event.ts";
import { type Stream, stream } from "../../../shared/events/stream.ts";
import { decodeFrame } from "../../../shared/frames/decode.ts";
import type { OutRecord, Streams } from "../../../shared/protocol/ports.ts";
import { type EpochMs, epochMs } from "../../../shared/time/time.ts";

export const NOW: EpochMs = epochMs(1_700_000_000_000);

type Order = { id?: string | undefined; shop: string; at: number; note?: string | undefined };
const Order: z.ZodType<Order> = z.strictObject({
  id: z.string().optional(),
  shop: z.string(),
  at: z.int(),
  note: z.string().optional(),
});

export const orders: Stream<Order> = stream("orders", {
  schema: Order,
  time: "at",
  key: "shop",
  partitions: 4,
});
export const source: Source = sourceOf(orders);

/** A stream in memory: what was published, in order. */
export type Tape = Streams & { readonly records: OutRecord[] };

export function tape(): Tape {
  const records: OutRecord[] = [];
  return {
    records,
    publish: async (_stream, batch) => {
      records.push(...batch);
    },
  };
}

const portsOver = (streams: Streams): IngestPorts => ({
  streams,
  compression: zstd,
  clock: { now: () => NOW },
});

/** The events of a tape by partition, in the order in which they were published. */
export function eventsOn({ records }: Tape): Map<number, WireEvent[]> {
  const byPartition = new Map<number, WireEvent[]>();
  for (const { data, partition } of records) {
    const frame = decodeFrame(data, zstd);
    if (frame?.kind !== "events" || frame.partition !== partition) throw new Error("no frame of events");
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), ...frame.events]);
  }
  return byPartition;
}

export const allOn = (tape: Tape): WireEvent[] => [...eventsOn(tape).values()].flat();

export type Posted = {
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What API Gateway makes of a POST: bytes come in base64. */
export const posted = ({ body, headers = {} }: Posted): ProxyEvent => ({
  httpMethod: "POST",
  pathParameters: { stream: "orders" },
  headers,
  body: typeof body === "string" ? body : Buffer.from(body).toString("base64"),
  isBase64Encoded: typeof body !== "string",
});

export const post = (to: Streams, request: Posted, at: Source = source): Promise<Outcome> =>
  ingest(at, requestOf(posted(request)), portsOver(to));

export const NDJSON: { readonly "Content-Type": string } = { "Content-Type": "application/x-ndjson" };
export const JSON_TYPE: { readonly "content-type": string } = { "content-type": "application/json" };

export const lines = (...events: readonly unknown[]): string =>
  events.map((event) => (typeof event === "string" ? event : JSON.stringify(event))).join("\n");
