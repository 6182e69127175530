import { expect, test } from "vitest";
import { endEpoch } from "../../../shared/protocol/savepoint/end-epoch.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { inMemory } from "../in-memory.ts";
import { at, event, plan, run, stageOf } from "./visits.ts";

const planned = plan({ partitions: 2 });
const stages = [...planned.stages.values()];

test("an epoch ends in every partition of every stage, also where nothing was committed, and once", async () => {
  const env = inMemory();
  await run(env, "p.visits", [event(1)], planned);
  expect(await endEpoch(env, stages, 0)).toBe(4);
  expect(await endEpoch(env, stages, 0)).toBe(0);
  for (const partition of [0, 1])
    expect(
      await new StageLoop(stageOf(planned, "p.visits"), env).run([event(2, "/", partition)]),
    ).toMatchObject({
      firstFailed: "2",
      causes: [{ code: "EPOCH_ENDED" }],
    });
});

test("what was ended before does not count, and other epochs go on", async () => {
  const env = inMemory();
  await endEpoch(env, [{ id: "p.visits", partitions: 1 }], 1);
  expect(await endEpoch(env, stages, 1)).toBe(3);
  expect([...env.items.keys()].sort()).toEqual([
    "p.pages/0/1",
    "p.pages/1/1",
    "p.visits/0/1",
    "p.visits/1/1",
  ]);
  await run(at(env, 0), "p.visits", [event(1)], planned);
});
