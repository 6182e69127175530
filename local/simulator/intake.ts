import { EventSorter } from "../../functions/ingest/event-sorter.ts";
import { MAX_EVENTS } from "../../functions/ingest/limits.ts";
import { pack } from "../../functions/ingest/pack.ts";
import { type Source, sourceOf } from "../../functions/ingest/source.ts";
import type { Rejection } from "../../functions/ingest/verdict.ts";
import type { Stream } from "../../shared/events/stream.ts";
import type { Compression } from "../../shared/frames/compression.ts";
import type { OutRecord } from "../../shared/protocol/ports.ts";
import type { EpochMs } from "../../shared/time/time.ts";

export type Taken = { readonly records: readonly OutRecord[]; readonly rejected: readonly Rejection[] };

/** Takes events as ingest does: judges them by their stream's schema, names, sorts and packs them. */
export class Intake {
  readonly #source: Source;
  readonly #compression: Compression;
  #requests = 0;

  constructor(stream: Stream<unknown>, compression: Compression) {
    this.#source = sourceOf(stream);
    this.#compression = compression;
  }

  /** An event without an id of its own is named after its place: the same in every run. */
  async take(events: readonly unknown[], now: EpochMs): Promise<Taken> {
    const records: OutRecord[] = [];
    const rejected: Rejection[] = [];
    for (let first = 0; first < events.length; first += MAX_EVENTS) {
      const taken = await this.#request(events.slice(first, first + MAX_EVENTS), now);
      records.push(...taken.records);
      for (const one of taken.rejected) rejected.push({ ...one, index: one.index + first });
    }
    return { records, rejected: rejected.sort((a, b) => a.index - b.index) };
  }

  async #request(events: readonly unknown[], now: EpochMs): Promise<Taken> {
    this.#requests += 1;
    const sorter = new EventSorter(this.#source, {
      arrivedAt: now,
      idempotencyKey: `request-${this.#requests}`,
      mayHoldProto: true,
    });
    for (const event of events) await sorter.take(event);
    const { id: stream, partitions } = this.#source;
    const packed = sorter.lanes.map((lane) =>
      pack(lane, { stream, partitions, sentAt: now, compression: this.#compression }),
    );
    return {
      records: packed.flatMap(({ parcels }) => parcels),
      rejected: [...sorter.rejected, ...packed.flatMap((each) => each.rejected)],
    };
  }
}
