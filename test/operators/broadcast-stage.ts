import { application, lake, pipeline } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { readingsOf } from "./one-stage.ts";
import { source } from "./shape-source.ts";

/** Events up to 3 and what was said by the readings from 4 on, of each number the last; 5 cannot be prepared. */
export const broadcastStage = (): Stage => {
  const readings = readingsOf(source);
  const built = pipeline("p", (p) => {
    const out = p
      .from(readings)
      .filter(({ n }) => n < 4)
      .withBroadcast(
        p
          .from(readings)
          .filter(({ n }) => n >= 4)
          .keyBy("n"),
        {
          id: "b",
          prepare: ({ id, n }) => {
            if (n === 5) throw new Error("five");
            return `${n} since ${id}`;
          },
          onEvent: ({ id, n }, latest) => {
            if (n === 3) throw new Error("three");
            return [...latest].map(([key, said]) => `${id}: ${key} ${said}`);
          },
        },
      );
    out.to(lake("out"));
    out.failed.to(lake("failed"));
  });
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  const stage = stages.get("p.b");
  if (stage === undefined) throw new Error("the broadcast has another stage");
  return { ...stage, input: { kind: "internal", upstreams: [{ stage: "up", partitions: 2 }] } };
};
