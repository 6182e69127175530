import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Stage } from "../../shared/operators/stage.ts";
import { decodeEntry, type Entry } from "../../shared/protocol/entry.ts";
import type { StateSizes } from "../../shared/protocol/environment.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { readingsFrom } from "../operators/inputs.ts";
import { END, eventOf, Runner, timedRowsTo } from "../operators/runner.ts";
import { migratedChanges, versionedShapes } from "../operators/versions.ts";
import { none, type Recording, recording, recordsOf } from "./records.ts";

/** Who takes the next batch, and who else at the same time. */
type Step = {
  readonly size: number;
  /** How far behind the newest version that is deployed its code may be. */
  readonly behind: number;
  readonly cold: boolean;
  readonly rival: "none" | "same" | "older";
};

const anySteps = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 6 }),
    behind: fc.constantFrom(0, 0, 1, 2),
    cold: fc.boolean(),
    rival: fc.constantFrom("none" as const, "none" as const, "same" as const, "older" as const),
  }),
  { minLength: 4, maxLength: 14 },
);
/** Parts of the input after which the second version is deployed and, perhaps, the third. */
const anySwitches = fc
  .array(fc.double({ min: 0.1, max: 0.9, noNaN: true }), { minLength: 1, maxLength: 2 })
  .map((parts) => parts.toSorted((a, b) => a - b));
const anyReadings = readingsFrom({ minLength: 20, maxLength: 50 });
const anySizes = fc.record({
  pageChars: fc.constantFrom(1, 120, 1_000),
  eagerBytes: fc.constantFrom(0, 0, 1_000_000),
  residentChars: fc.constantFrom(0, 300, 1_000_000),
});

const entriesOf = ({ entries }: Recording): { readonly code: number; readonly entry: Entry }[] =>
  entries.map(({ codeVersion, body }) => ({ code: Number(codeVersion), entry: decodeEntry(body, none) }));

/** How many of the records an entry, and all before it, took. */
const takenBy = ({ positions }: Entry): number => Number(positions[0]?.[1] ?? 0);

/**
 * Gives batches to environments of code versions 1 to 3, each from some record on, while those of earlier versions
 * stay alive and get batches too. What does not get through is given again.
 */
async function deployed(
  stageOf: (version: number) => Stage,
  records: readonly InRecord[],
  from: readonly number[],
  steps: readonly Step[],
  options: { readonly state: StateSizes; readonly snapshotEntries: number },
): Promise<Recording> {
  const env = recording(options);
  const warm = new Map<string, StageLoop>();
  const loopOf = (who: string, version: number, cold: boolean): StageLoop => {
    const name = `${who} ${version}`;
    const known = cold ? undefined : warm.get(name);
    const loop = known ?? new StageLoop(stageOf(version), { ...env, codeVersion: String(version) });
    warm.set(name, loop);
    return loop;
  };
  const newest = (): number => entriesOf(env).at(-1)?.code ?? 1;
  const run = async (
    who: string,
    version: number,
    cold: boolean,
    batch: readonly InRecord[],
  ): Promise<void> => {
    const { causes } = await loopOf(who, version, cold).run(batch);
    for (const cause of causes) {
      expect(cause).toMatchObject({ code: "STATE_VERSION", next: "halted" });
      expect(newest()).toBeGreaterThan(version);
    }
  };
  for (let at = 0, nth = 0; at < records.length; nth += 1) {
    const { size, behind, cold, rival } = steps[nth % steps.length] as Step;
    const deployedNow = 1 + from.filter((first) => first <= at).length;
    const version = Math.max(nth % 5 === 4 ? newest() : 1, deployedNow - behind);
    const batch = records.slice(at, at + size);
    await Promise.all([
      run("one", version, cold, batch),
      ...(rival === "none"
        ? []
        : [run("rival", rival === "same" ? deployedNow : 1, rival === "older" && cold, batch)]),
    ]);
    at = takenBy(entriesOf(env).at(-1)?.entry ?? NOTHING);
  }
  return env;
}

const NOTHING = { positions: [] } as unknown as Entry;

type Said = { readonly rows: unknown[]; readonly failed: unknown[] };

/** Where what is kept cannot be read when its time is over, the failed event holds it: as it was kept, which is not compared. */
const AS_KEPT = {
  accumulators: undefined,
  left: undefined,
  right: undefined,
  match: undefined,
  values: undefined,
};
const failedIn = (failed: Entry["failed"]): unknown[] =>
  failed.map(({ payload, id, time, operator }) => ({
    payload: { ...(payload as object), ...AS_KEPT },
    id,
    time,
    operator,
  }));

const saidBy = (entries: readonly Entry[]): Said => ({
  rows: entries.flatMap(({ frames }) =>
    frames.flatMap(([stage, , , , rows]) => rows.map(([, key, time, value]) => [stage, key, time, value])),
  ),
  failed: entries.flatMap(({ failed }) => failedIn(failed)),
});

describe.each(Object.entries(versionedShapes))("%s", (_, stageOf) => {
  test.prop([anyReadings, anySteps, anySizes, fc.integer({ min: 1, max: 4 }), anySwitches, fc.boolean()], {
    numRuns: 60,
  })(
    "gives what the new code gives of migrated state, whoever commits, and is never misread",
    async (readings, steps, state, snapshotEntries, switches, damaged) => {
      const inputs = [...readings.map(eventOf), END];
      const stageAt = (version: number): Stage => stageOf({ version, damaged });
      const env = await deployed(
        stageAt,
        recordsOf(stageAt(1), inputs),
        switches.map((part) => Math.floor(part * inputs.length)),
        steps,
        { state, snapshotEntries },
      );
      const entries = entriesOf(env);
      const codes = entries.map(({ code }) => code);
      expect(codes).toEqual(codes.toSorted());

      // by definition: where the code changes, all state is migrated at once
      let runner = new Runner(stageAt(1));
      let code = 1;
      let at = 0;
      const given = entries.map((one) => {
        if (one.code !== code) {
          const { time, counts } = runner.fold.sealed;
          const changes = migratedChanges([...runner.fold.snapshot()], { version: one.code, damaged });
          runner = new Runner(stageAt(one.code));
          runner.fold.apply(changes);
          runner.fold.resume(time, counts);
          code = one.code;
        }
        const to = takenBy(one.entry);
        const batch = runner.batch(inputs.slice(at, to), at);
        at = to;
        return batch;
      });
      const said = saidBy(entries.map(({ entry }) => entry));
      expect(said.rows).toEqual(
        given.flatMap((batch) =>
          ["out", "late"].flatMap((sink) =>
            timedRowsTo(sink, batch).map(([key, time, row]) => [`p.lake-${sink}`, key, time, row]),
          ),
        ),
      );
      expect(said.failed).toEqual(
        given.flatMap(({ outputs }) => failedIn((outputs as { failed: Entry["failed"] }).failed)),
      );
    },
  );
});
