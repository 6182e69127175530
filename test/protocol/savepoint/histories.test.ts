import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { ViewWrite } from "../../../shared/protocol/ports.ts";
import type { InRecord } from "../../../shared/protocol/record.ts";
import { endEpoch } from "../../../shared/protocol/savepoint/end-epoch.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../../shared/time/time.ts";
import { type InMemory, inMemory } from "../in-memory.ts";
import { none } from "../records.ts";
import { at, delivered, plan, recordOf, restore, run, stageOf, take } from "./visits.ts";

const planned = plan({ partitions: 2 });

/** A visit, and whether what was sent by then is delivered right after it. */
type Step = { readonly page: string; readonly partition: number; readonly deliver: boolean };

const anyStep: fc.Arbitrary<Step> = fc.record({
  page: fc.constantFrom("/", "/a", "/b"),
  partition: fc.constantFrom(0, 1),
  deliver: fc.boolean(),
});

/** Each third closes a window. */
function eventOf({ page, partition }: Step, i: number): InRecord {
  const time = epochMs(i * 20_000);
  const events = [[`e${i}`, time, { who: "ann", page, at: time }] as const];
  return recordOf(i + 1, { kind: "events", stream: "visits", partition, sentAt: time, events }, none);
}

const deliver = (env: InMemory): Promise<void> => run(env, "p.pages", delivered(env), planned);

async function go(env: InMemory, steps: readonly Step[], from: number, to: number): Promise<void> {
  const loop = new StageLoop(stageOf(planned, "p.visits"), env);
  for (const [i, step] of steps.slice(from, to).entries()) {
    expect(await loop.run([eventOf(step, from + i)])).toEqual(SETTLED);
    if (step.deliver) await deliver(env);
  }
}

/** What a table holds that takes these writes: of each row the one of the highest version. */
function tableOf(writes: readonly ViewWrite[]): Map<string, unknown> {
  const rows = new Map<string, ViewWrite>();
  for (const write of writes) {
    const place = JSON.stringify([write.view, write.key, write.sort]);
    const { epoch, v } = rows.get(place)?.version ?? { epoch: -1, v: 0 };
    if (write.version.epoch > epoch || (write.version.epoch === epoch && write.version.v > v))
      rows.set(place, write);
  }
  return new Map([...rows].flatMap(([place, { row }]) => (row === undefined ? [] : [[place, row] as const])));
}

const SETTLED = { firstFailed: undefined, causes: [] };

/** Entries stay for a day. */
const environment = (snapshotEntries: number): InMemory => {
  const env = inMemory({ snapshotEntries, compression: none });
  return { ...env, log: { ...env.log, truncate: async () => undefined } };
};

/** What the events give without a savepoint. */
async function undisturbed(steps: readonly Step[]): Promise<Map<string, unknown>> {
  const env = environment(1_000);
  await go(env, steps, 0, steps.length);
  await deliver(env);
  return tableOf(env.rows);
}

test.prop(
  [fc.array(anyStep, { minLength: 1, maxLength: 10 }), fc.nat(10), fc.nat(10), fc.constantFrom(1, 2, 1_000)],
  { numRuns: 50 },
)(
  "an application that is taken back, however far it had gone on, gives the rows that it gives without",
  async (steps, cut, more, snapshotEntries) => {
    const env = environment(snapshotEntries);
    await go(env, steps, 0, cut);
    const savepoint = await take(env, "one", planned);
    await go(env, steps, cut, cut + more);
    await endEpoch(env, [...planned.stages.values()], 0);
    await restore(env, savepoint, 1, planned);
    const next = at(env, 1);
    // the stream is read from its beginning, and then what is new
    await go(next, steps, 0, steps.length);
    await deliver(next);
    expect(tableOf(env.rows)).toEqual(await undisturbed(steps));
  },
);
