import type { Logger } from "@aws-lambda-powertools/logger";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Planned } from "../../shared/plan/planner.ts";
import { queryableStages } from "../../shared/plan/queryable.ts";
import type { StateReader } from "../../shared/protocol/read-state.ts";
import { type Answer, jsonAnswer, refused } from "../aws/answer.ts";
import type { FailedEventsReader } from "../aws/read-failed-events.ts";
import type { ViewReader } from "../aws/read-view.ts";
import { refusalOf } from "./answer.ts";
import { queryFailed } from "./query-failed.ts";
import { queryState } from "./query-state.ts";
import { queryView } from "./query-view.ts";
import type { ProxyEvent } from "./request.ts";

export type ServeOptions = {
  readonly planned: Planned;
  readonly readView: ViewReader;
  readonly readFailed: FailedEventsReader;
  readonly reader: StateReader;
  readonly logger: Logger;
};

/** Answers queries, whatever happens: an error that is nobody's is logged and told as 500. */
export function createServe({
  planned: { plan, stages },
  readView,
  readFailed,
  reader,
  logger,
}: ServeOptions): (event: ProxyEvent) => Promise<Answer> {
  const sinks = plan.pipelines.flatMap((pipeline) => pipeline.sinks);
  const views = new Set(sinks.flatMap(({ kind, name }) => (kind === "view" ? [name] : [])));
  const pipelines = new Set(plan.pipelines.map(({ id }) => id));
  const queryable = queryableStages(pipelines, stages.values());

  const query = ({
    httpMethod,
    resource,
    pathParameters,
    queryStringParameters,
  }: ProxyEvent): Promise<string> => {
    const parameters = queryStringParameters ?? {};
    if (httpMethod !== "GET") throw refused("METHOD", `${httpMethod} is not GET`);
    if (resource === "/v1/views/{view}")
      return queryView(pathParameters?.["view"] ?? "", parameters, { views, readView });
    if (
      resource === "/v1/state/{pipeline}/{operator}" ||
      resource === "/v1/state/{pipeline}/{operator}/{key}"
    )
      return queryState(pathParameters ?? {}, parameters, { stages: queryable, reader });
    if (resource === "/v1/failed") return queryFailed(parameters, { pipelines, readFailed });
    throw refused("ROUTE_UNKNOWN", `nothing answers ${resource}`);
  };

  return async (event) => {
    try {
      return jsonAnswer(200, await query(event));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined || !(error instanceof MillraceError)) {
        logger.error("query failed", error instanceof Error ? error : String(error));
        return jsonAnswer(
          500,
          JSON.stringify({ code: "UNEXPECTED", message: "the query failed; send it again" }),
        );
      }
      if (refusal.statusCode >= 500) logger.error("state cannot be read", error);
      else logger.debug("query refused", { resource: event.resource, code: error.code });
      return refusal;
    }
  };
}
