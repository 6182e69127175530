import {
  application,
  hopping,
  type KeyedFlow,
  lake,
  milliseconds as ms,
  pipeline,
  tumbling,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { type Reading, readingsOf } from "./one-stage.ts";
import { source } from "./shape-source.ts";

type Written = { to(sink: ReturnType<typeof lake>): void };

/** Both sides of a join, of one source stage or of one that comes before it. */
function joined(
  join: (
    left: KeyedFlow<string, Reading>,
    right: KeyedFlow<string, Reading>,
  ) => Written & { readonly late: Written; readonly failed: Written },
  behindShuffle = false,
): Stage {
  const readings = readingsOf(source);
  const built = pipeline("p", (p) => {
    const sideOf = (keep: (reading: Reading) => boolean) => {
      const side = p.from(readings).filter(keep);
      return behindShuffle ? side.keyBy(({ k }) => k) : side.keyBy("k");
    };
    const out = join(
      sideOf(({ n }) => n < 4),
      sideOf(({ n }) => n >= 4),
    );
    out.to(lake("out"));
    out.late.to(lake("late"));
    if (!behindShuffle) out.failed.to(lake("failed"));
  });
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  const stage = stages.get(behindShuffle ? "p.j" : "p.readings");
  if (stage === undefined) throw new Error("the join has another stage");
  return behindShuffle
    ? { ...stage, input: { kind: "internal", upstreams: [{ stage: "up", partitions: 2 }] } }
    : stage;
}

/** Joins of every kind. */
export const joinShapes: Readonly<Record<string, Stage>> = {
  "an interval join": joined((left, right) =>
    left.join(right, { id: "j", within: { from: ms(-8), to: ms(15) }, grace: ms(5) }),
  ),
  "a left interval join with bounds by row": joined((left, right) =>
    left.join(right, {
      id: "j",
      type: "left",
      within: {
        from: ms(-8),
        to: ({ n }) => {
          if (n === 3) throw new Error("three");
          return ms(2 + 4 * n);
        },
      },
    }),
  ),
  "a left interval join behind a shuffle": joined(
    (left, right) => left.join(right, { id: "j", type: "left", within: { from: ms(-12), to: ms(12) } }),
    true,
  ),
  "a join for ever": joined((left, right) => left.join(right, { id: "j", ttl: "forever" })),
  "a full join in hopping windows": joined((left, right) =>
    left.join(right, { id: "j", type: "full", window: hopping(ms(20), ms(8)), grace: ms(5) }),
  ),
  "a semi join in tumbling windows behind a shuffle": joined(
    (left, right) => left.join(right, { id: "j", type: "semi", window: tumbling(ms(20)) }),
    true,
  ),
  "a temporal join": joined((left, right) =>
    left.temporalJoin(right, { id: "j", type: "left", ttl: ms(25), grace: ms(5) }),
  ),
  "a temporal join behind a shuffle": joined(
    (left, right) => left.temporalJoin(right, { id: "j", type: "left" }),
    true,
  ),
};
