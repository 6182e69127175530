import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Compression } from "../../shared/frames/compression.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import type { Frame } from "../../shared/frames/frame.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Environment, StateSizes } from "../../shared/protocol/environment.ts";
import type { LogItem } from "../../shared/protocol/ports.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { decodeSnapshot } from "../../shared/protocol/snapshot.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { type EpochMs, epochMs } from "../../shared/time/time.ts";
import { anyInternalInputs, anySourceInputs } from "../operators/inputs.ts";
import type { Input } from "../operators/runner.ts";
import { isInternal, shapes } from "../operators/shapes.ts";
import { type InMemory, inMemory } from "./in-memory.ts";

const none: Compression = { compress: (bytes) => bytes, decompress: (bytes) => bytes };

/** The inputs as records: an event, or the rows of one frame, each. */
function recordsOf(stage: Stage, inputs: readonly Input[]): InRecord[] {
  const counters = new Map<string, number>();
  const stream = stage.input.kind === "source" ? stage.input.stream : stage.id;
  return inputs.map((input, i) => {
    const sentAt = epochMs(input.kind === "tick" ? input.at : 0);
    let frame: Frame;
    if (input.kind === "row" || input.kind === "watermark") {
      const counter = (counters.get(input.channel) ?? 0) + 1;
      counters.set(input.channel, counter);
      const rows = input.kind === "row" ? [[0, input.row.k, epochMs(input.row.t), input.row] as const] : [];
      const watermark = (input.kind === "watermark" ? input.at : -1_000) as EpochMs;
      const from = Number(input.channel.split("/")[1]);
      frame = { kind: "rows", stage: "up", from, to: 0, counter, watermark, sentAt, rows };
    } else if (input.kind === "event") {
      const { id, t } = input.event;
      frame = { kind: "events", stream, partition: 0, sentAt, events: [[id, epochMs(t), input.event]] };
    } else frame = { kind: input.kind, stream, partition: 0, sentAt };
    return {
      shard: "shard-0",
      sequence: String(i + 1),
      partitionKey: "0",
      arrivedAt: sentAt,
      data: encodeFrame(frame, none),
    };
  });
}

/** An environment that also keeps every entry that was ever put, whatever is truncated. */
function recording(options: Partial<Environment>): InMemory & { readonly entries: LogItem[] } {
  const env = inMemory({ compression: none, ...options });
  const entries: LogItem[] = [];
  const append: Environment["log"]["append"] = async (id, item) => {
    const put = await env.log.append(id, item);
    if (put.won) entries.push(item);
    return put;
  };
  return { ...env, log: { ...env.log, append }, entries };
}

const said = ({ entries }: { readonly entries: readonly LogItem[] }): unknown[] =>
  entries.map(({ v, body, watermark, owes }) => [v, new TextDecoder().decode(body), watermark, owes]);

type Step = {
  readonly size: number;
  /** Who takes the batch: a warm environment, or a new one where there is no such. */
  readonly loop: number;
  /** Whether another takes it at the same time. */
  readonly raced: boolean;
};

const anySteps = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 9 }), loop: fc.nat({ max: 3 }), raced: fc.boolean() }),
  { minLength: 1, maxLength: 14 },
);
const anySizes = fc.record({
  pageChars: fc.constantFrom(1, 120, 1_000),
  eagerBytes: fc.constantFrom(0, 0, 0, 1_000_000),
  residentChars: fc.constantFrom(0, 300, 1_000_000),
});
const anyInterval = fc.integer({ min: 1, max: 4 });

/** Deletes what no snapshot has needed since the step before last. */
function cleaner({ refs, objects }: InMemory): () => void {
  let neededBefore = new Set<string>();
  return () => {
    const needed = new Set<string>();
    for (const { key } of refs.values()) {
      needed.add(key);
      const snapshot = decodeSnapshot(key, objects.get(key) ?? new Uint8Array(), none);
      for (const object of snapshot.objects.keys()) needed.add(object);
    }
    for (const key of objects.keys()) if (!needed.has(key) && !neededBefore.has(key)) objects.delete(key);
    neededBefore = needed;
  };
}

async function run(
  stage: Stage,
  records: readonly InRecord[],
  steps: readonly Step[],
  env: InMemory,
  loops: readonly StageLoop[],
): Promise<void> {
  const clean = cleaner(env);
  for (let from = 0, nth = 0; from < records.length; nth += 1) {
    const { size, loop, raced } = steps[nth % steps.length] as Step;
    const batch = records.slice(from, from + size);
    const taker = loops[loop % (loops.length + 1)] ?? new StageLoop(stage, env);
    const other = loops.find((one) => one !== taker);
    const outcomes = await Promise.all([
      taker.run(batch),
      ...(raced && other !== undefined ? [other.run(batch)] : []),
    ]);
    for (const { causes } of outcomes) expect(causes).toEqual([]);
    clean();
    from += size;
  }
}

/** Many keys, each seldom: most of what a batch needs was not needed by the one before. */
const anyLongInputs: fc.Arbitrary<Input[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(..."abcdefghijkl"),
      step: fc.integer({ min: 0, max: 4 }),
      behind: fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 30 })),
      n: fc.integer({ min: 0, max: 40 }),
    }),
    { minLength: 60, maxLength: 140 },
  )
  .map((steps) => {
    let now = -60;
    return steps.map(({ k, step, behind, n }, i): Input => {
      now += step;
      return { kind: "event", event: { id: `e${i}`, k, t: now - behind, n } };
    });
  });
const anyShortSteps = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 4 }),
    loop: fc.constantFrom(0, 0, 0, 1, 1, 1, 2),
    raced: fc.constantFrom(false, false, true),
  }),
  { minLength: 20, maxLength: 40 },
);

describe.each(Object.entries(shapes))("%s", (_, stage) => {
  const anyInputs: fc.Arbitrary<Input[]> = isInternal(stage) ? anyInternalInputs : anySourceInputs;

  test.prop([anyInputs, anySteps, anySizes, anyInterval], { numRuns: 30 })(
    "writes the same entries whether state stayed in memory, or came and went in pages",
    async (inputs, steps, state: StateSizes, snapshotEntries) => {
      const records = recordsOf(stage, inputs);
      const warm = recording({});
      await run(stage, records, steps, warm, [new StageLoop(stage, warm)]);
      const paged = recording({ state, snapshotEntries });
      const loops = [new StageLoop(stage, paged), new StageLoop(stage, paged)];
      await run(stage, records, steps, paged, loops);
      expect(said(paged)).toEqual(said(warm));
    },
  );

  if (isInternal(stage)) return;
  test.prop([anyLongInputs, anyShortSteps, anySizes, anyInterval], { numRuns: 4 })(
    "and so with many keys, and pages that come, go and are followed for long",
    async (inputs, steps, state: StateSizes, snapshotEntries) => {
      const records = recordsOf(stage, inputs);
      const warm = recording({});
      await run(stage, records, steps, warm, [new StageLoop(stage, warm)]);
      const paged = recording({ state, snapshotEntries });
      await run(stage, records, steps, paged, [new StageLoop(stage, paged), new StageLoop(stage, paged)]);
      expect(said(paged)).toEqual(said(warm));
    },
  );
});
