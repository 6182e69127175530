import { fc } from "@fast-check/vitest";
import type { Reading } from "./one-stage.ts";
import { END, eventOf, type Input } from "./runner.ts";

const anyStep = fc.record({
  k: fc.constantFrom("a", "b", "c"),
  step: fc.integer({ min: 0, max: 9 }),
  behind: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 45 })),
  n: fc.integer({ min: 0, max: 7 }),
});

/** Events whose times go on by small steps, from before 1970, many of them out of order and some far behind. */
export const readingsFrom = (length: { minLength?: number; maxLength: number }): fc.Arbitrary<Reading[]> =>
  fc.array(anyStep, length).map((steps) => {
    let now = -60;
    return steps.map(({ k, step, behind, n }, i) => {
      now += step;
      return { id: `e${i}`, k, t: now - behind, n };
    });
  });
export const anyReadings: fc.Arbitrary<Reading[]> = readingsFrom({ maxLength: 40 });

/** Clocks go on, and go wrong now and then: what is sent later may be stamped with an earlier time. */
const anyStamps = fc.array(fc.tuple(fc.nat({ max: 12 }), fc.oneof(fc.constant(0), fc.nat({ max: 40 }))), {
  minLength: 1,
  maxLength: 20,
});

function stamped(
  inputs: readonly Input[],
  stamps: readonly (readonly [step: number, skew: number])[],
): Input[] {
  let now = 0;
  return inputs.map((input, i) => {
    const [step, skew] = stamps[i % stamps.length] as readonly [number, number];
    now += step;
    return { ...input, sentAt: now + skew };
  });
}

/** The same as inputs of a source stage, ticks between them, most often ended. */
export const anySourceInputs: fc.Arbitrary<Input[]> = fc
  .tuple(
    anyReadings,
    fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 400 })), { maxLength: 4 }),
    fc.boolean(),
    anyStamps,
  )
  .map(([readings, ticks, ended, stamps]) => {
    const inputs = stamped(readings.map(eventOf), stamps);
    for (const [at, time] of ticks) inputs.splice(at, 0, { kind: "tick", at: time });
    return ended ? [...inputs, END] : inputs;
  });

/** Rows and watermarks of two channels. A watermark may be ahead of every row, as other rows may have told it. */
export const anyInternalInputs: fc.Arbitrary<Input[]> = fc
  .tuple(
    fc.array(
      fc.tuple(anyStep, fc.constantFrom("up/0", "up/1"), fc.constantFrom("row", "row", "row", "watermark")),
      { maxLength: 50 },
    ),
    anyStamps,
  )
  .map(([steps, stamps]) => {
    let now = -60;
    const inputs = steps.map(([{ k, step, behind, n }, channel, kind], i): Input => {
      now += step;
      return kind === "row"
        ? { kind, channel, row: { id: `r${i}`, k, t: now - behind, n } }
        : { kind: "watermark", channel, at: now - behind + 10 };
    });
    return stamped(inputs, stamps);
  });

/** How a list is cut into batches, and what happens at each cut. */
export type Cut = {
  readonly size: number;
  /** Batches (by the length of what follows) that are folded here and then taken back. */
  readonly lost: readonly number[];
  readonly before: "nothing" | "recover" | "restore";
};

export const anyCuts: fc.Arbitrary<Cut[]> = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 12 }),
    lost: fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 2 }),
    before: fc.constantFrom("nothing" as const, "nothing" as const, "recover" as const, "restore" as const),
  }),
  { minLength: 1, maxLength: 12 },
);
