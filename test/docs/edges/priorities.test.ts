import { expect, test } from "vitest";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import { application, type Flow, lake, type PipelineBuilder, pipeline, view } from "../../../shared/index.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { type InMemory, inMemory, logOf } from "../../protocol/in-memory.ts";
import { notingReceivers, settled } from "../../protocol/noting-receivers.ts";
import { batchOf } from "./batches.ts";
import { bounded } from "./bounded.ts";
import { codeOf, field, NOON, type Thing, things } from "./given.ts";

const source = things();
const appOf = (build: (things: Flow<Thing>, p: PipelineBuilder) => void) =>
  application("test", { streams: [source], pipelines: [pipeline("p", (p) => build(p.from(source), p))] });
const stagesOf = (build: Parameters<typeof appOf>[0]) => planApplication(appOf(build)).stages;
const stageOf = (build: Parameters<typeof appOf>[0], id = "p.things"): Stage => {
  const stage = stagesOf(build).get(id);
  if (stage === undefined) throw new Error(`there is no stage ${id}`);
  return stage;
};

/** An alert, a view beside it, and an archive; 13 is in none of them. */
const branches =
  ({ alert = 10, archive = -10 } = {}) =>
  (all: Flow<Thing>): void => {
    const checked = all.keyBy("k").filter(({ n }) => {
      if (n === 13) throw new Error("thirteen");
      return true;
    });
    checked.to(lake("archive"), { priority: archive });
    checked.to(view("latest", { key: ({ k }) => k }));
    checked.to(view("alerts", { key: ({ k }) => k }), { priority: alert });
  };

const batch = (sequence: number, ...ns: readonly number[]) =>
  batchOf(
    sequence,
    ns.map((n) => ({ n })),
  );
const ARCHIVE = "p.lake-archive";
const entriesOf = (env: InMemory) => logOf(env, { stage: "p.things", partition: 0 }).length;

/** A stage that has taken a batch, and whose receivers wait to be let go. */
async function publishing(...ns: readonly number[]) {
  const receivers = notingReceivers();
  const env = inMemory(receivers.ports);
  const stage = stageOf(branches());
  const run = new StageLoop(stage, env).run(batch(1, ...ns));
  await settled();
  const answer = async (name: string, error?: Error) => {
    receivers.answer(name, error);
    await settled();
  };
  return { env, stage, run, answer, called: receivers.called };
}

test("It orders what one commit gives, and nothing else.", async () => {
  const { called, answer, run } = await publishing(1, 2);
  for (const name of ["alerts", "latest", ARCHIVE]) await answer(name);
  await run;
  expect(called).toEqual(["alerts", "latest", ARCHIVE]);
  const driver = await TestDriver.create(appOf(branches()));
  const all = [3, 1, 2].map((n) => ({ id: `${n}`, k: "a", at: NOON, n }));
  await driver.feed("things", all);
  expect(field(driver, "archive", "n")).toEqual([3, 1, 2]);
  expect([driver.view("alerts"), driver.view("latest")]).toEqual([[all[2]], [all[2]]]);
});

test("Rows for another stage have the highest priority of the sinks behind it.", () => {
  const feeds = [
    ...stagesOf((all) => {
      const byId = all.keyBy("id");
      byId.to(lake("archive"), { priority: -3 });
      byId.to(view("few", { key: ({ k }) => k }), { priority: 2 });
      byId.map((thing) => thing).to(view("more", { key: ({ k }) => k }), { priority: 7 });
    }).values(),
  ].flatMap(({ nodes }) =>
    nodes.flatMap(({ spec }) => (spec.kind === "feed" ? [`${spec.stage} ${spec.priority ?? 0}`] : [])),
  );
  expect(feeds.toSorted()).toEqual(["p.lake-archive -3", "p.view-few 2", "p.view-more 7"]);
});

test("The next commit still waits for everything.", async () => {
  const { env, stage, called, answer, run } = await publishing(1);
  await answer("alerts");
  await answer("latest");
  // another environment takes the next batch: the archive has not answered yet
  const next = new StageLoop(stage, env).run(batch(2, 2));
  await settled();
  expect([entriesOf(env), called]).toEqual([1, ["alerts", "latest", ARCHIVE, "alerts"]]);
  await answer("alerts");
  await answer("latest");
  expect(entriesOf(env)).toBe(1);
  await answer(ARCHIVE);
  expect(entriesOf(env)).toBe(2);
  for (const name of ["alerts", "latest", ARCHIVE]) await answer(name);
  await next;
  void run;
});

test("A sink that is slow holds up those below it.", async () => {
  const { called, answer } = await publishing(1);
  expect(called).toEqual(["alerts"]);
  await answer("alerts");
  expect(called).toEqual(["alerts", "latest"]);
  await answer("latest");
  expect(called).toEqual(["alerts", "latest", ARCHIVE]);
});

test("Where publishing above fails, nothing below is tried until the entry is published again.", async () => {
  const { env, stage, called, answer, run } = await publishing(1);
  await answer("alerts", new Error("down"));
  expect((await run).firstFailed).toBeDefined();
  expect(called).toEqual(["alerts"]);
  void new StageLoop(stage, env).run(batch(1, 1));
  await settled();
  await answer("alerts");
  expect([called, entriesOf(env)]).toEqual([["alerts", "alerts", "latest"], 1]);
});

test("After a crash the entry is published again in the same order.", async () => {
  const { env, stage, called, answer } = await publishing(1);
  await answer("alerts");
  // nobody ever answers this environment again; another one is given the batch
  void new StageLoop(stage, env).run(batch(1, 1));
  await settled();
  for (const name of ["alerts", "latest", ARCHIVE]) await answer(name);
  expect(called).toEqual(["alerts", "latest", "alerts", "latest", ARCHIVE]);
  expect(entriesOf(env)).toBe(1);
});

test("Failed events have priority 0 in the stage that writes them.", async () => {
  const { called, answer } = await publishing(1, 13);
  expect(called).toEqual(["alerts"]);
  await answer("alerts");
  expect(called.toSorted()).toEqual(["alerts", "failed events", "latest"]);
  await answer("latest");
  expect(called).not.toContain(ARCHIVE);
  await answer("failed events");
  expect(called).toContain(ARCHIVE);
});

test("It says nothing of operators: all branches are folded before anything is published.", async () => {
  const order: string[] = [];
  const noted = (all: Flow<Thing>, name: string) =>
    all.keyBy("k").filter(() => {
      order.push(name);
      return true;
    });
  const receivers = notingReceivers();
  const stage = stageOf((all) => {
    noted(all, "archived").to(lake("archive"), { priority: -10 });
    noted(all, "alarmed").to(view("alerts", { key: ({ k }) => k }), { priority: 10 });
  });
  void new StageLoop(stage, inMemory(receivers.ports)).run(batch(1, 1));
  await settled();
  expect(order).toEqual(["archived", "alarmed"]);
  expect(receivers.called).toEqual(["alerts"]);
  const halted = await TestDriver.create(
    appOf((all) => {
      const archived = all.map(
        (thing): Thing => {
          throw new Error(thing.id);
        },
        { id: "broken", onError: "halt" },
      );
      archived.to(lake("archive"), { priority: -10 });
      all.keyBy("k").to(view("alerts", { key: ({ k }) => k }), { priority: 10 });
    }),
  );
  await expect(halted.feed("things", [{ id: "x", k: "a", at: NOON, n: 1 }])).rejects.toMatchObject({
    code: "OPERATOR_HALTED",
  });
  expect(halted.view("alerts")).toEqual([]);
});

test("A bounded run gives what it gives without priorities.", async () => {
  const rows = async (priority: number) => {
    const run = await bounded([{ n: 3 }, { n: 1 }], (all) => ({
      low: { to: (sink) => all.to(sink, { priority: -priority }) },
      high: { to: (sink) => all.filter(({ n }) => n > 1).to(sink, { priority }) },
    }));
    return [run("low"), run("high")];
  };
  const [low, high] = await rows(10);
  expect([low?.length, high?.length]).toEqual([2, 1]);
  expect(await rows(0)).toEqual([low, high]);
});

test("A priority may change with any deployment.", async () => {
  expect(stageOf(branches({ alert: -5, archive: 5 })).fingerprint).toBe(stageOf(branches()).fingerprint);
  const { env, called, answer } = await publishing(1);
  await answer("alerts", new Error("down"));
  // what published the entry first had other priorities
  void new StageLoop(stageOf(branches({ alert: -5, archive: 5 })), env).run(batch(1, 1));
  await settled();
  expect(called).toEqual(["alerts", ARCHIVE]);
});

test("What is no whole number from -100 to 100 is refused.", () => {
  const refused = (priority: number) => codeOf(() => stagesOf((all) => all.to(lake("out"), { priority })));
  expect([-100, 100].map(refused)).toEqual(["none", "none"]);
  expect([-101, 101, 0.5, Number.NaN].map(refused)).toEqual(Array(4).fill("PLAN_OPTION"));
});
