import { accessLogApp } from "../../pipelines/access-log.ts";
import { type Application, application } from "../../shared/index.ts";

/** The access log's stream with the first of its pipelines alone: two stages, a shuffle between them, a view. */
export const app: Application = application("one-pipeline", {
  streams: accessLogApp.streams,
  pipelines: accessLogApp.pipelines.slice(0, 1),
});
