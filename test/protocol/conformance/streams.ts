import { fc, test } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { OutRecord, Streams } from "../../../shared/protocol/ports.ts";

/** A record as a stream holds it: in which partition's hash range, and what. */
export type HeldRecord = { readonly partition: number; readonly data: Uint8Array };

export type OpenStreams = () => Promise<{
  readonly streams: Streams;
  /** Makes a stream and says its name. */
  readonly create: (shards: number) => Promise<string>;
  /** All records of a stream, shard after shard, each shard in order. */
  readonly held: (stream: string) => Promise<readonly HeldRecord[]>;
  readonly close: () => Promise<void>;
}>;

export const record = (partition: number, partitions: number, text: string): OutRecord => ({
  partition,
  partitions,
  data: new TextEncoder().encode(text),
});

/** What each partition received, in order. */
export function perPartition(held: readonly HeldRecord[]): Map<number, string[]> {
  const texts = new Map<number, string[]>();
  for (const { partition, data } of held)
    texts.set(partition, [...(texts.get(partition) ?? []), new TextDecoder().decode(data)]);
  return texts;
}

export function streamsConformance(name: string, open: OpenStreams): void {
  describe(`${name} as streams`, () => {
    let opened: Awaited<ReturnType<OpenStreams>>;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    test.prop(
      [
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.nat(), { maxLength: 60 }),
      ],
      {
        numRuns: 12,
      },
    )("each partition receives its records, once and in order", async (shards, partitions, partitionsOf) => {
      const stream = await opened.create(shards);
      const records = partitionsOf.map((n, i) => record(n % partitions, partitions, `r${i}`));
      await opened.streams.publish(stream, records);
      expect(perPartition(await opened.held(stream))).toEqual(perPartition(records));
    });

    test("more records than one call takes are all placed", async () => {
      const stream = await opened.create(2);
      const records = Array.from({ length: 1_203 }, (_, i) => record(i % 600, 600, `r${i}`));
      await opened.streams.publish(stream, records);
      expect(perPartition(await opened.held(stream))).toEqual(perPartition(records));
    });

    test("more bytes than one call takes are all placed", async () => {
      const stream = await opened.create(8);
      const records = Array.from({ length: 12 }, (_, i) => record(i % 8, 8, String(i).padEnd(900_000, "x")));
      await opened.streams.publish(stream, records);
      const received = perPartition(await opened.held(stream));
      expect(
        [...received.values()]
          .flat()
          .map((text) => Number.parseInt(text, 10))
          .sort((a, b) => a - b),
      ).toEqual(records.map((_, i) => i));
    });

    test("nothing to publish is nothing to do", async () => {
      const stream = await opened.create(1);
      await opened.streams.publish(stream, []);
      expect(await opened.held(stream)).toEqual([]);
    });
  });
}
