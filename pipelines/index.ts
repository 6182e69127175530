import { type Application, application } from "../shared/index.ts";
import { accessLogApp } from "./access-log.ts";
import { flightsApp } from "./flights.ts";
import { sensorsApp } from "./sensors.ts";

const samples = [flightsApp, accessLogApp, sensorsApp];

/** All samples, deployed together. */
export const app: Application = application("samples", {
  streams: samples.flatMap(({ streams }) => streams),
  pipelines: samples.flatMap(({ pipelines }) => pipelines),
});
