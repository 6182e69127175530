import type { Stage } from "../operators/stage.ts";

/** Which outputs of a commit are published first: higher ones. What is not named has 0. */
export type Priorities = {
  /** By the stage that is fed: its stream is named like it. */
  readonly streams: ReadonlyMap<string, number>;
  readonly views: ReadonlyMap<string, number>;
};

export const ALL_ALIKE: Priorities = { streams: new Map(), views: new Map() };

/** As the plan has them. */
export function prioritiesOf({ nodes }: Pick<Stage, "nodes">): Priorities {
  const streams = new Map<string, number>();
  const views = new Map<string, number>();
  for (const { spec } of nodes) {
    if (spec.kind === "feed") streams.set(spec.stage, spec.priority ?? 0);
    if (spec.kind === "sink" && spec.sink.kind === "view") views.set(spec.sink.name, spec.priority ?? 0);
  }
  return { streams, views };
}
