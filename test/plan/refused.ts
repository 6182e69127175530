import { describe, expect, test } from "vitest";
import {
  type Application,
  application,
  count,
  type DurationMs,
  lake,
  type PipelineBuilder,
  pipeline,
  type Sink,
  type WindowSpec,
} from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { appOf, flights, flightsOf } from "./flights-app.ts";

export const out: Sink<unknown> = lake("out");

export const odd = (n: number): DurationMs => n as DurationMs;

export const windowed =
  (window: WindowSpec, options: Record<string, unknown> = {}) =>
  (p: PipelineBuilder): void =>
    p
      .from(flights)
      .keyBy("origin")
      .window(window, { id: "w", ...options })
      .aggregate({ n: count() })
      .to(out);

export const built = (build: (p: PipelineBuilder) => void): Application => appOf(pipeline("p", build));

export const streaming = (options: Parameters<typeof flightsOf>[0], id?: string): Application =>
  application("app", { streams: [flightsOf(options, id)], pipelines: [] });

/** What it is, and the code and the operator that are told. */
export type Refusal = readonly [string, string, string, Application];

/** A test for each plan that is refused. */
export function refuses(refusals: readonly Refusal[]): void {
  describe("a plan is refused for", () => {
    test.each(refusals)("%s, as %s, naming %s", (_, code, operator, app) => {
      const planning = (): unknown => planApplication(app);
      expect(planning).toThrow(expect.objectContaining({ name: "MillraceError", code, next: "refused" }));
      const pipelineId = app.pipelines.at(-1)?.id ?? app.name;
      expect(planning).toThrow(`pipeline "${pipelineId}", operator "${operator}": `);
    });
  });
}
