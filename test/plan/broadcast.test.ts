import { describe, expect, test } from "vitest";
import { count, hours, lake, type PipelineBuilder, pipeline, tumbling, view } from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { appOf, type Flight, flights, landings, planOf, stagesOf } from "./flights-app.ts";

const id = "b";
const nothing = { id, onEvent: () => [] };

describe("a broadcast", () => {
  const build = (p: PipelineBuilder): void =>
    p.from(landings).withBroadcast(p.from(flights).keyBy("origin"), nothing).to(lake("l"));

  test("has a stage of its own, as wide as the events', to every partition of which control goes", () => {
    expect(stagesOf(build)).toEqual([
      "p.landings /2: to:b:1",
      "p.flights /4: keyBy-1 to:b:2",
      "p.b /2: b to:lake-l:1",
      "p.lake-l /1: lake-l",
    ]);
    const { stages } = planOf(build);
    expect(stages.get("p.flights")?.nodes.at(-1)?.spec).toMatchObject({
      stage: "p.b",
      edge: 1,
      reach: "all",
    });
    expect(stages.get("p.landings")?.nodes.at(-1)?.spec).toMatchObject({ edge: 0, reach: "key" });
    expect(stages.get("p.b")?.nodes[0]?.inputs).toEqual([{ edge: 0 }, { edge: 1 }]);
  });

  test("waits for the watermark of what sends it events, and of nothing else", () => {
    expect(planOf(build).stages.get("p.b")?.input).toEqual({
      kind: "internal",
      upstreams: [
        { stage: "p.landings", partitions: 2 },
        { stage: "p.flights", partitions: 4, control: true },
      ],
    });
    const alone = (p: PipelineBuilder): void => {
      const all = p.from(flights);
      all.withBroadcast(all.keyBy("origin"), nothing).to(lake("l"));
    };
    expect(planOf(alone).stages.get("p.b")?.input).toEqual({
      kind: "internal",
      upstreams: [{ stage: "p.flights", partitions: 4 }],
    });
  });

  test.each<[string, (p: PipelineBuilder) => ReturnType<typeof keyed>]>([
    ["is by another key than its stream's", (p) => p.from(flights).keyBy("dest")],
    ["comes from two streams", (p) => keyed(p).union(p.from(landings).keyBy("origin"))],
  ])("puts control that %s into one order first", (_, control) => {
    const lines = stagesOf((p) => p.from(landings).withBroadcast(control(p), nothing).to(lake("l")));
    expect(lines).toContain("p.b-control /4: b to:b:2");
  });

  test("prepares control values before they go to every partition", () => {
    const prepare = (f: Flight): number => f.delay;
    expect(
      stagesOf((p) =>
        p
          .from(landings)
          .withBroadcast(keyed(p), { ...nothing, prepare })
          .to(lake("l")),
      ),
    ).toContain("p.flights /4: keyBy-1 b to:b:2");
  });

  test("keeps the events' key", () => {
    expect(
      stagesOf((p) =>
        p
          .from(landings)
          .keyBy("dest")
          .withBroadcast(keyed(p), { id, onEvent: (f) => [f] })
          .window(tumbling(hours(1)), { id: "w" })
          .aggregate({ n: count() })
          .to(view("v", { key: (r) => r.key })),
      ),
    ).toContain("p.b /2: b w view-v");
  });
});

const keyed = (p: PipelineBuilder) => p.from(flights).keyBy("origin");

const wrong = (value: unknown): never => value as never;

test.each<[string, (p: PipelineBuilder) => void, string]>([
  [
    "has nothing to call",
    (p) => p.from(flights).withBroadcast(keyed(p), wrong({ id })).to(lake("l")),
    "needs a function `onEvent`",
  ],
  [
    "prepares with what is no function",
    (p) =>
      p
        .from(flights)
        .withBroadcast(keyed(p), wrong({ ...nothing, prepare: "when" }))
        .to(lake("l")),
    "`prepare` must be one",
  ],
  ["has no options", (p) => p.from(flights).withBroadcast(keyed(p), wrong(undefined)).to(lake("l")), "an id"],
  [
    "takes another's name for its control",
    (p) =>
      p
        .from(flights)
        .filter(() => true, { id: "b-control" })
        .withBroadcast(keyed(p), nothing)
        .to(lake("l")),
    'the id "b-control"',
  ],
])("a broadcast that %s is refused", (_, build, sentence) => {
  expect(() => planOf(build)).toThrow(sentence);
});

test("a broadcast of another pipeline's flow is refused", () => {
  const others: ReturnType<typeof keyed>[] = [];
  const one = pipeline("one", (p) => {
    others.push(keyed(p));
    p.from(flights).to(lake("one"));
  });
  expect(() =>
    planApplication(
      appOf(
        one,
        pipeline("two", (p) => {
          for (const other of others) p.from(landings).withBroadcast(other, nothing).to(lake("two"));
        }),
      ),
    ),
  ).toThrow(expect.objectContaining({ code: "PLAN_OTHER_PIPELINE" }));
});
