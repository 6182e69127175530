import { jsonOf } from "../../shared/events/json-of.ts";
import { refused } from "../aws/answer.ts";
import type { FailedEventsReader } from "../aws/read-failed-events.ts";
import { fitting } from "./fit.ts";
import { limitIn, type Parameters } from "./parameters.ts";

/**
 * `GET /v1/failed?pipeline&limit&cursor`: a pipeline's failed events, as `{ pipeline, items, cursor? }`.
 * @throws MillraceError `PIPELINE_UNKNOWN`, `QUERY_LIMIT`, `CURSOR_INVALID`
 */
export async function queryFailed(
  parameters: Parameters,
  options: { readonly pipelines: ReadonlySet<string>; readonly readFailed: FailedEventsReader },
): Promise<string> {
  const { pipeline, cursor } = parameters;
  if (pipeline === undefined) throw refused("PIPELINE_UNKNOWN", "the parameter pipeline is missing");
  if (!options.pipelines.has(pipeline))
    throw refused("PIPELINE_UNKNOWN", `there is no pipeline "${pipeline.slice(0, 60)}"`);
  const start = cursor === undefined ? undefined : idIn(cursor, pipeline);
  return fitting(limitIn(parameters), async (limit) => {
    const { events, after } = await options.readFailed({ pipeline, limit, after: start });
    const next = after === undefined ? {} : { cursor: cursorOf(pipeline, after) };
    return { pipeline, items: events.map(jsonOf), ...next };
  });
}

const cursorOf = (pipeline: string, after: string): string =>
  Buffer.from(JSON.stringify([pipeline, after])).toString("base64url");

function idIn(cursor: string, pipeline: string): string {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch (cause) {
    throw invalid(cursor, cause);
  }
  const [of, after] = Array.isArray(parts) ? (parts as unknown[]) : [];
  if (of !== pipeline || typeof after !== "string" || after === "") throw invalid(cursor, undefined);
  return after;
}

const invalid = (cursor: string, cause: unknown): Error =>
  refused("CURSOR_INVALID", `cursor "${cursor.slice(0, 40)}" does not continue this query`, cause);
