import { z } from "zod";
import {
  type Application,
  application,
  type PipelineBuilder,
  pipeline,
  type Stream,
  type StreamOptions,
  seconds,
  stream,
} from "../../shared/index.ts";
import { type Planned, planApplication } from "../../shared/plan/planner.ts";

export type Flight = {
  readonly origin: string;
  readonly dest: string;
  readonly key: string;
  readonly delay: number;
  readonly at: number;
  readonly cancelled: boolean;
};

export const Flight: z.ZodType<Flight> = z.strictObject({
  origin: z.string(),
  dest: z.string(),
  key: z.string(),
  delay: z.number(),
  at: z.int(),
  cancelled: z.boolean(),
});

export const flightsOf = (
  options: Partial<StreamOptions<typeof Flight>> = {},
  id = "flights",
): Stream<Flight> =>
  stream(id, {
    schema: Flight,
    time: "at",
    key: "origin",
    partitions: 4,
    outOfOrder: seconds(1),
    ...options,
  });

export const flights: Stream<Flight> = flightsOf();
export const landings: Stream<Flight> = flightsOf({ partitions: 2 }, "landings");

export const appOf = (...pipelines: Application["pipelines"]): Application =>
  application("app", { streams: [flights, landings], pipelines });

/** The plan of an application with one pipeline, "p". */
export const planOf = (build: (p: PipelineBuilder) => void): Planned =>
  planApplication(appOf(pipeline("p", build)));

/** Each stage of it as `id: operators`, a line each. */
export const stagesOf = (build: (p: PipelineBuilder) => void): string[] =>
  (planOf(build).plan.pipelines[0]?.stages ?? []).map(
    ({ id, partitions, operators }) =>
      `${id} /${partitions}: ${operators.map((operator) => operator.id).join(" ")}`,
  );
