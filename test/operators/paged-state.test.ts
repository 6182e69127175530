import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { PagedRunner } from "./paged-runner.ts";
import { END, eventOf, type Input, Runner } from "./runner.ts";
import { shapes } from "./shapes.ts";

/** Many keys, each seldom, so that most of what a batch needs was not needed by the one before. */
const anyEvents = (scale: number): fc.Arbitrary<Input[]> =>
  fc
    .tuple(
      fc.array(
        fc.record({
          k: fc.constantFrom(..."abcdefgh"),
          step: fc.nat({ max: 5 }),
          behind: fc.oneof(fc.constant(0), fc.nat({ max: 35 })),
          n: fc.nat({ max: 12 }),
          later: fc.oneof(fc.constant(0), fc.nat({ max: 20 })),
        }),
        { minLength: 10, maxLength: 45 },
      ),
      fc.boolean(),
    )
    .map(([steps, ended]) => {
      let now = -60;
      let sentAt = 0;
      const inputs = steps.map(({ k, step, behind, n, later }, i): Input => {
        now += step;
        sentAt += later;
        return { ...eventOf({ id: `e${i}`, k, t: (now - behind) * scale, n }), sentAt: sentAt * scale };
      });
      return ended ? [...inputs, END] : inputs;
    });

/** What is over is swept away in steps of a tenth of a second, which short times never see. */
const anyScale = fc.constantFrom(1, 1, 25);

type Step = {
  readonly size: number;
  /** What becomes of the pages before the batch; some are forgotten, by their number. */
  readonly fate: "stay" | "written" | "forgotten" | "restart";
  readonly every: number;
  /** Whether one that takes turns with others takes the batch. */
  readonly taken: boolean;
};
const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 6 }),
    fate: fc.constantFrom("stay", "written", "forgotten", "forgotten", "restart"),
    every: fc.integer({ min: 1, max: 3 }),
    taken: fc.boolean(),
  }),
  { minLength: 1, maxLength: 9 },
);
const anyPageChars = fc.constantFrom(1, 150, 600, 10_000);

function turn(runner: PagedRunner, { fate, every }: Step): void {
  if (fate === "stay") return;
  if (fate === "restart") runner.restart();
  else runner.write();
  if (fate === "forgotten") runner.fold.evict(runner.pages.filter((_, i) => i % every === 0));
}

const given = ({ changes, ...rest }: ReturnType<Runner["batch"]>): unknown => [changes, rest];

const paged = [
  "tumbling windows",
  "tumbling windows with lateness and early panes",
  "tumbling windows with lateness and early panes by processing time",
  "discarding tumbling windows",
  "hopping windows with throwing aggregates",
  "hopping windows in several blocks",
  "hopping windows in rows, early by processing time",
  "sessions",
  "sessions with lateness and early panes",
  "sessions with lateness and early panes by processing time",
  "custom windows that merge",
  "windows of windows",
  "dedupe",
  "a process",
  "a process by processing time",
  "a process of a later version",
  "windows behind a process by processing time",
];

describe.each(paged)("%s", (shape) => {
  const stage = shapes[shape];
  if (stage === undefined) throw new Error(`no shape "${shape}"`);

  test.prop([anyScale.chain(anyEvents), anySteps, anyPageChars], { numRuns: 60 })(
    "give the same batch by batch, whether their state stays in memory or comes and goes in pages",
    (inputs, steps, pageChars) => {
      const warm = new Runner(stage);
      const [some, either, follower] = [1, 2, 3].map(() => new PagedRunner(stage, pageChars)) as [
        PagedRunner,
        PagedRunner,
        PagedRunner,
      ];
      for (let from = 0, nth = 0; from < inputs.length; nth += 1) {
        const step = steps[nth % steps.length] as Step;
        const batch = inputs.slice(from, from + step.size);
        turn(some, step);
        const expected = warm.batch(batch, from);
        expect(given(some.batch(batch, from))).toEqual(given(expected));
        // one that folds nothing takes the changes as they are, whatever it has in memory
        turn(follower, step);
        follower.follow(expected);
        turn(either, step);
        if (step.taken) expect(given(either.batch(batch, from))).toEqual(given(expected));
        else either.follow(expected);
        from += step.size;
      }
      for (const runner of [some, either, follower]) {
        runner.load(runner.unread);
        expect(runner.state).toEqual(warm.state);
        expect(runner.fold.size).toBe(warm.fold.size);
        runner.write();
        runner.fold.evict(runner.pages);
        // of what was written just now, unread pages know how much it is
        expect(runner.fold.openWindows).toBe(warm.fold.openWindows);
        expect(runner.fold.size).toBe(0);
      }
    },
  );
});
