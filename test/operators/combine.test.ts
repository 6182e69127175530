import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { EventInfo } from "../../shared/events/event.ts";
import {
  cumulating,
  epochMs,
  global,
  hopping,
  milliseconds as ms,
  session,
  type Trigger,
  tumbling,
} from "../../shared/index.ts";
import type { Combiner } from "../../shared/operators/combine/combiner.ts";
import type { CombinedWindow, Row } from "../../shared/operators/combine/spec.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { decodeValue, encodeValue } from "../../shared/state/codec.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, type EpochMs } from "../../shared/time/time.ts";
import { combinerFor, stageOf } from "./combining.ts";
import type { Reading } from "./one-stage.ts";

type Frame = { readonly channel: 0 | 1; readonly rows: readonly Reading[]; readonly step: number };

const anyReading: fc.Arbitrary<Omit<Reading, "id">> = fc.record({
  k: fc.constantFrom("a", "b"),
  t: fc.integer({ min: -20, max: 20 }),
  n: fc.integer({ min: 0, max: 7 }),
});

/** Rows lie around what their channel has promised; some are behind it. */
const anyFrames: fc.Arbitrary<Frame[]> = fc
  .array(
    fc.record({
      channel: fc.constantFrom(0 as const, 1 as const),
      rows: fc.array(anyReading, { maxLength: 8 }),
      step: fc.integer({ min: 0, max: 15 }),
    }),
    { maxLength: 12 },
  )
  .map((frames) => {
    const told = [0, 0];
    let n = 0;
    return frames.map(({ channel, rows, step }) => {
      const base = told[channel] ?? 0;
      told[channel] = base + step;
      return {
        channel,
        step,
        rows: rows.map((row) => {
          n += 1;
          return { ...row, id: `e${n}`, t: base + row.t };
        }),
      };
    });
  });

const anyWindow: fc.Arbitrary<CombinedWindow> = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map((size) => tumbling(ms(size))),
  fc
    .tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 4 }))
    .map(([slide, times]) => hopping(ms(slide * times), ms(slide))),
  fc
    .tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 4 }))
    .map(([step, times]) => cumulating(ms(step * times), ms(step))),
  fc.constant(global()),
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 15 }).map((gap) => session(ms(gap))) },
);

/** All panes that windows of any kind can show early where their events are combined. */
const anyEarly: fc.Arbitrary<Trigger["early"]> = fc.oneof(
  fc.constant(undefined),
  fc.integer({ min: 1, max: 12 }).map(ms),
  fc.integer({ min: 1, max: 12 }).map((every) => ({ processingTime: ms(every) })),
  fc.constant({
    when: (value: unknown, info: EventInfo): boolean => {
      const { n } = value as Reading;
      if (n === 7) throw new Error("seven");
      return n === 5 || (n === 2 && info.key === "a");
    },
  }),
);

/** Sessions that are shown more than once discard what was shown. */
const anyStage: fc.Arbitrary<Stage> = fc
  .record({
    window: anyWindow,
    allowedLateness: fc.constantFrom(0, 7, 25).map(ms),
    early: anyEarly,
    discarding: fc.boolean(),
    ordered: fc.boolean(),
    behind: fc.option(fc.integer({ min: 1, max: 12 }).map(ms), { nil: undefined, freq: 2 }),
  })
  .map(({ window, allowedLateness, early, discarding, behind, ...rest }) => {
    const isShownOnce = early === undefined && allowedLateness === 0;
    const discards = discarding || (window.kind === "session" && !isShownOnce);
    const trigger: Trigger<unknown> = {
      ...(early === undefined ? {} : { early }),
      ...(discards ? { accumulation: "discarding" as const } : {}),
    };
    const ordered = rest.ordered && window.kind !== "session";
    return stageOf(window, { allowedLateness, trigger, behind, ordered });
  });

/** What a receiver gives and keeps, frame by frame; of failed events not where in a frame they stood. */
function received(stage: Stage, frames: readonly Frame[], combiner?: Combiner, always = false): unknown {
  const fold = new Fold(stage, { codeVersion: "1" });
  const told: EpochMs[] = [BEGINNING_OF_TIME, BEGINNING_OF_TIME];
  const given: unknown[] = [];
  for (const [i, { channel, rows, step }] of frames.entries()) {
    const sent = rows.map((row): Row => [0, row.k, epochMs(row.t), row]);
    const before = told[channel] ?? BEGINNING_OF_TIME;
    const at = ((before === BEGINNING_OF_TIME ? 0 : before) + step) as EpochMs;
    told[channel] = at;
    fold.record(`up/${channel}:${i}`, epochMs(3 * i));
    const travelled = decodeValue(encodeValue(combiner?.combined(sent, before, always) ?? sent)) as Row[];
    for (const row of travelled) fold.row(...row);
    fold.channelWatermark(`up/${channel}`, at);
    given.push(sealed(fold));
  }
  fold.record("end", epochMs(0));
  for (const channel of [0, 1]) fold.channelWatermark(`up/${channel}`, END_OF_TIME);
  return [...given, sealed(fold)];
}

function sealed(fold: Fold): unknown {
  const { outputs, counts } = fold.seal();
  const state = encodeValue([...fold.snapshot()].map(withoutOrder));
  const { input: _, ...others } = counts;
  const failed = outputs.failed.map(({ position: _p, id: _i, ...event }) => event);
  const rows = [...outputs.feeds].map(([to, some]) =>
    to === "failed" ? [to, some.length] : [to, some.map(([, key, time, value]) => [key, time, value])],
  );
  const result = decodeValue(encodeValue({ rows: rows.sort(), failed, others, state }));
  fold.keep();
  return result;
}

/** A map's order says which came first, which no result depends on. */
const withoutOrder = (value: unknown): unknown =>
  value instanceof Map && [...value.values()].every((one) => typeof one === "number")
    ? [...value].sort(([a], [b]) => Number(a) - Number(b))
    : Array.isArray(value)
      ? value.map(withoutOrder)
      : value;

describe("a window behind a shuffle", () => {
  test.prop([anyStage, anyFrames, fc.boolean()], { numRuns: 800 })(
    "gives and keeps of combined rows what it gives and keeps of all rows",
    (stage, frames, always) => {
      expect(received(stage, frames, combinerFor(stage), always)).toEqual(received(stage, frames));
    },
  );

  test.prop([anyStage, anyFrames], { numRuns: 300 })(
    "gives and keeps the same where rows were combined twice on their way",
    (stage, frames) => {
      const combiner = combinerFor(stage);
      const twice = {
        combined: (rows: readonly Row[], told: EpochMs): Row[] => {
          const half = rows.length >> 1;
          const parts = [rows.slice(0, half), rows.slice(half)];
          return combiner.combined(
            parts.flatMap((part) => combiner.combined(part, told, true)),
            told,
            true,
          );
        },
      } as unknown as Combiner;
      expect(received(stage, frames, twice)).toEqual(received(stage, frames));
    },
  );
});
