import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Idleness } from "../../shared/events/stream.ts";
import {
  application,
  type DurationMs,
  type Flow,
  lake,
  pipeline,
  type Stream,
  stream,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";

/** The events of these tests: a key, an event time, a number, and an id that tells each from all others. */
export type Reading = {
  readonly id: string;
  readonly k: string;
  readonly t: number;
  readonly n: number;
};

/** Takes everything for what it is said to be. */
const anything = <T>(): StandardSchemaV1<unknown, T> => ({
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as T }) },
});

export const readingsOf = (options: { outOfOrder?: number; idle?: Idleness } = {}): Stream<Reading> =>
  stream("readings", {
    schema: anything<Reading>(),
    time: "t",
    key: "k",
    partitions: 1,
    outOfOrder: (options.outOfOrder ?? 0) as DurationMs,
    ...(options.idle === undefined ? {} : { idle: options.idle }),
  });

/**
 * The source stage of a pipeline of one stream. Flows are written to lake tables, each in a stage of its own:
 * what the source stage feeds them is what its operators gave, in order.
 */
export function sourceStage(
  build: (readings: Flow<Reading>) => Readonly<Record<string, { to(sink: ReturnType<typeof lake>): void }>>,
  options: { outOfOrder?: number; idle?: Idleness } = {},
): Stage {
  const readings = readingsOf(options);
  const built = pipeline("p", (p) => {
    for (const [name, flow] of Object.entries(build(p.from(readings)))) flow.to(lake(name));
  });
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  const stage = stages.get("p.readings");
  if (stage === undefined) throw new Error("the pipeline has no source stage");
  return stage;
}
