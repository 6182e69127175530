import { describe, expect, test } from "vitest";
import type { OperatorPlan, StagePlan } from "../../../shared/plan/plan.ts";
import { type Difference, differencesTo } from "../../../shared/protocol/savepoint/compare.ts";
import type { Savepoint } from "../../../shared/protocol/savepoint/manifest.ts";
import { upstreamFirst } from "../../../shared/protocol/savepoint/upstream-first.ts";
import { stampOf } from "../../../shared/state/stamp.ts";
import { inMemory } from "../in-memory.ts";
import { begun, event, plan, planned, run, take } from "./visits.ts";

const stages = upstreamFirst(planned);
const saved = async (): Promise<Savepoint> => take(await begun());

/** The plan, one stage of it changed. */
const changed = (id: string, change: Partial<StagePlan>): StagePlan[] =>
  stages.map((stage) => (stage.id === id ? { ...stage, ...change } : stage));

const operator = (id: string, kind: string, detail = ""): OperatorPlan => ({ id, kind, detail, inputs: [] });

/** What a plan of some operators says to a savepoint of others. */
async function sentenceOf(was: readonly OperatorPlan[], is: readonly OperatorPlan[]): Promise<string[]> {
  const savepoint = await saved();
  const before = savepoint.stages.map((stage) =>
    stage.plan.id === "p.pages" ? { ...stage, plan: { ...stage.plan, operators: was } } : stage,
  );
  const now = changed("p.pages", { fingerprint: "other", operators: is });
  return differencesTo({ ...savepoint, stages: before }, now).map(({ sentence }) => sentence);
}

describe("a plan and a savepoint", () => {
  test("do not differ where the stages are the same, or the plan has one more", async () => {
    const savepoint = await saved();
    expect(differencesTo(savepoint, stages)).toEqual([]);
    expect(differencesTo(savepoint, upstreamFirst(plan({ lake: true })))).toEqual([]);
    const [, pages] = savepoint.stages;
    expect(differencesTo({ ...savepoint, stages: pages === undefined ? [] : [pages] }, stages)).toEqual([]);
  });

  test("differ by a stage that is gone, where a partition of it had begun", async () => {
    const env = inMemory();
    const two = plan({ partitions: 2 });
    await run(env, "p.visits", [event(1, "/", 1)], two);
    expect(differencesTo(await take(env, "one", two), [])).toEqual<Difference[]>([
      { stage: "p.visits", kind: "missing", sentence: 'stage "p.visits": the plan does not have it' },
    ]);
  });

  test("differ by the number of partitions, whatever else is different", async () => {
    const wider = changed("p.visits", { partitions: 3, fingerprint: "other" });
    expect(differencesTo(await saved(), wider)).toEqual<Difference[]>([
      {
        stage: "p.visits",
        kind: "partitions",
        sentence: 'stage "p.visits": 1 partitions are saved, the plan has 3',
      },
    ]);
  });

  test("differ by the shape of state: a stage is named once, its operators that are others each", async () => {
    const env = inMemory();
    const two = plan({ partitions: 2 });
    await run(env, "p.visits", [event(1), event(2, "/", 1)], two);
    const now = upstreamFirst(two).map((stage) => ({ ...stage, fingerprint: "other" }));
    expect(differencesTo(await take(env, "one", two), now)).toEqual<Difference[]>([
      {
        stage: "p.visits",
        kind: "shape",
        sentence: 'stage "p.visits": its state has another shape than the plan\'s',
      },
    ]);
    const same = operator("same", "window", "tumbling 1 min");
    expect(
      await sentenceOf(
        [same, operator("gone", "dedupe"), operator("size", "window", "tumbling 1 min")],
        [operator("new", "process"), operator("size", "window", "tumbling 2 min"), same],
      ),
    ).toEqual([
      'stage "p.pages": operator "gone" (dedupe) is gone; operator "size" was window tumbling 1 min, is window tumbling 2 min; operator "new" (process) is new',
    ]);
  });

  test("differ by a version that the plan does not know yet, and not by one that it does", async () => {
    const savepoint = await saved();
    const [visits, pages] = savepoint.stages;
    if (visits === undefined || pages === undefined) throw new RangeError("stages");
    const { fingerprint } = pages.plan;
    const stamp = stampOf({ fingerprint, versions: [["pages", "count", 3]] });
    const partitions = pages.partitions.map((partition) => ({ ...partition, fingerprint: stamp }));
    const later: Savepoint = { ...savepoint, stages: [visits, { ...pages, partitions }] };
    expect(differencesTo(later, changed("p.pages", { versions: [["pages", "count", 3]] }))).toEqual([]);
    expect(differencesTo(later, changed("p.pages", { versions: [["pages", "count", 2]] }))).toEqual<
      Difference[]
    >([
      {
        stage: "p.pages",
        kind: "shape",
        sentence: 'stage "p.pages": "count" of operator "pages" is saved in version 3, the plan\'s is older',
      },
    ]);
  });
});
