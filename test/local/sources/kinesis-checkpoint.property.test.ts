import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { KinesisSource } from "../../../local/sources/kinesis-source.ts";
import {
  failedFrom,
  MAPPING,
  noWait,
  put,
  recordsOf,
  STREAM,
  steppingClock,
  streamOf,
  TAKEN,
  THROWN,
} from "./kinesis-fixture.ts";

const KEYS = ["a", "b", "c", "d"];
const anyStep = fc.constantFrom("put", "put", "reshard", "pause", "change");
const anyMapping = fc.record({
  batchSize: fc.integer({ min: 1, max: 5 }),
  parallelizationFactor: fc.integer({ min: 1, max: 3 }),
  bisectOnError: fc.boolean(),
});

test.prop(
  [
    fc.array(anyMapping, { minLength: 1 }),
    fc.array(anyStep, { minLength: 1, maxLength: 25 }),
    fc.infiniteStream(fc.nat(5)),
  ],
  { numRuns: 60 },
)(
  "a mapping that is changed at any time loses nothing, keeps the order, and repeats nothing with one lane",
  async (mappings, steps, moods) => {
    const kinesis = streamOf(2);
    const taken: string[] = [];
    const invoke = async (payload: string | Uint8Array) => {
      const records = recordsOf(payload);
      await new Promise(setImmediate);
      const mood = moods.next().value ?? 0;
      const from = mood === 0 ? 0 : mood % 2 === 0 ? records.length : mood % records.length;
      taken.push(...records.slice(0, from).map(({ text }) => text));
      const failed = records[from];
      return failed === undefined ? TAKEN : mood === 0 ? THROWN : failedFrom(failed.sequenceNumber);
    };
    const make = (count: number, resumeFrom?: ReturnType<KinesisSource["checkpoint"]>) =>
      new KinesisSource({
        kinesis,
        clock: steppingClock(),
        invoke,
        wait: noWait,
        resumeFrom,
        mapping: { ...MAPPING, ...mappings[count % mappings.length] },
      });
    let source = make(0);
    const written: string[] = [];
    for (const [index, step] of steps.entries()) {
      if (step === "pause") await new Promise(setImmediate);
      if (step === "reshard")
        kinesis.updateShardCount({
          StreamName: STREAM,
          TargetShardCount: index % 2 === 0 ? 4 : 2,
          ScalingType: "UNIFORM_SCALING",
        });
      if (step === "change") {
        await source.close();
        source = make(index, source.checkpoint());
      }
      const texts = KEYS.map((key) => `${key}-${index}`);
      put(kinesis, ...texts);
      written.push(...texts);
    }
    while (!source.caughtUp()) await new Promise(setImmediate);
    await source.close();
    const of = (key: string) => (text: string) => text.startsWith(`${key}-`);
    const firsts = taken.filter((text, index) => taken.indexOf(text) === index);
    for (const key of KEYS) expect(firsts.filter(of(key))).toEqual(written.filter(of(key)));
    if (mappings.every(({ parallelizationFactor }) => parallelizationFactor === 1))
      expect(taken).toHaveLength(written.length);
  },
);
