import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { DiscardedBatch } from "../../../local/sources/discarded-batch.ts";
import { KinesisSource } from "../../../local/sources/kinesis-source.ts";
import {
  failedFrom,
  MAPPING,
  noWait,
  put,
  recordsOf,
  type SeenRecord,
  STREAM,
  steppingClock,
  streamOf,
  TAKEN,
  THROWN,
} from "./kinesis-fixture.ts";

/** What the function does with one invocation. */
type Mood =
  | { readonly kind: "take" | "throw" | "throttle" }
  | { readonly kind: "partial"; readonly from: number };

const anyMood: fc.Arbitrary<Mood> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Mood>({ kind: "take" }) },
  { weight: 2, arbitrary: fc.constantFrom<Mood>({ kind: "throw" }, { kind: "throttle" }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("partial" as const), from: fc.nat(20) }) },
);
const anyMapping = fc.record({
  batchSize: fc.integer({ min: 1, max: 7 }),
  parallelizationFactor: fc.integer({ min: 1, max: 3 }),
  bisectOnError: fc.boolean(),
  maximumRetryAttempts: fc.constantFrom(-1, 0, 1, 3),
});
type Step = "put" | "reshard" | "pause";
const anyStep = fc.constantFrom<Step>("put", "put", "put", "put", "reshard", "pause");

const KEYS = ["a", "b", "c", "d", "e"];

test.prop(
  [anyMapping, fc.array(anyMood, { maxLength: 40 }), fc.array(anyStep, { minLength: 1, maxLength: 25 })],
  {
    numRuns: 60,
  },
)(
  "every record is taken or discarded exactly once, in order per key, whatever the function and the shards do",
  async (mapping, moods, steps) => {
    const kinesis = streamOf(2);
    const clock = steppingClock();
    /** Records in the order in which they were settled: below a checkpoint, or discarded. */
    const settled: string[] = [];
    const running = new Map<string, number>();
    let call = 0;
    const invoke = async (payload: string | Uint8Array) => {
      const records = recordsOf(payload);
      expect(records.length).toBeGreaterThan(0);
      expect(records.length).toBeLessThanOrEqual(mapping.batchSize);
      const shardId = records[0]?.shardId ?? "";
      running.set(shardId, (running.get(shardId) ?? 0) + 1);
      expect(running.get(shardId)).toBeLessThanOrEqual(mapping.parallelizationFactor);
      await new Promise(setImmediate);
      running.set(shardId, (running.get(shardId) ?? 0) - 1);
      return answerOf(moods[call++] ?? { kind: "take" }, records, settled);
    };
    const discard = ({ batch }: DiscardedBatch) =>
      settled.push(...batch.records.map(({ Data }) => new TextDecoder().decode(Data)));
    const source = new KinesisSource({
      kinesis,
      clock,
      invoke,
      wait: noWait,
      onFailure: discard,
      mapping: { ...MAPPING, ...mapping },
    });
    const written = await drive(kinesis, steps);
    while (!source.caughtUp()) await new Promise(setImmediate);
    await source.close();
    for (const key of KEYS) expect(settled.filter(of(key))).toEqual(written.filter(of(key)));
    if (mapping.maximumRetryAttempts < 0) expect(source.stats().discarded).toBe(0);
    expect(source.stats().delivered + source.stats().discarded).toBe(written.length);
  },
);

const of = (key: string) => (text: string) => text.startsWith(`${key}-`);

async function answerOf(mood: Mood, records: readonly SeenRecord[], settled: string[]) {
  const take = (upTo: number) => settled.push(...records.slice(0, upTo).map(({ text }) => text));
  if (mood.kind === "throttle") throw new Error("TooManyRequestsException");
  if (mood.kind === "throw") return THROWN;
  const from = mood.kind === "partial" ? mood.from % (records.length + 1) : records.length;
  take(from);
  const failed = records[from];
  return failed === undefined ? TAKEN : failedFrom(failed.sequenceNumber);
}

/** Puts records, and pauses or splits or merges shards in between; the texts in the order in which they were put. */
async function drive(kinesis: ReturnType<typeof streamOf>, steps: readonly Step[]) {
  const written: string[] = [];
  for (const [index, step] of steps.entries()) {
    if (step === "pause") await new Promise(setImmediate);
    if (step === "reshard")
      kinesis.updateShardCount({
        StreamName: STREAM,
        TargetShardCount: index % 2 === 0 ? 4 : 2,
        ScalingType: "UNIFORM_SCALING",
      });
    const texts = KEYS.map((key) => `${key}-${index}`);
    put(kinesis, ...texts);
    written.push(...texts);
  }
  return written;
}
