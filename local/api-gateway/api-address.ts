import type { IncomingMessage } from "node:http";
import type { RestApi } from "./rest-api.ts";

/** Which API, stage and path a request is for. */
export type ApiAddress = {
  readonly api: RestApi;
  readonly stage: string;
  /** After the stage, as it was sent; starts with a slash. */
  readonly path: string;
  readonly query: URLSearchParams;
};

const LONG_FORM = /^\/restapis\/([^/]+)\/([^/]+)\/_user_request_(\/.*)?$/;
const HOST_FORM = /^([^.]+)\.execute-api\./;
const STAGE_AND_PATH = /^\/([^/]+)(\/.*)?$/;

/**
 * Finds the API of a request, in any of its three forms: `/restapis/<api>/<stage>/_user_request_/<path>`,
 * host `<api>.execute-api.localhost` with `/<stage>/<path>`, and `/<stage>/<path>` alone where an API has that stage.
 */
export function apiAddressOf(
  request: Pick<IncomingMessage, "url" | "headers">,
  apis: ReadonlyMap<string, RestApi>,
): ApiAddress | undefined {
  const [pathname = "/", search = ""] = (request.url ?? "/").split("?", 2);
  const query = new URLSearchParams(search);
  const [, longApi = "", longStage = "", longPath = "/"] = LONG_FORM.exec(pathname) ?? [];
  const byId = apis.get(longApi);
  if (byId !== undefined) return { api: byId, stage: longStage, path: longPath, query };
  const [, stage = "", path = "/"] = STAGE_AND_PATH.exec(pathname) ?? [];
  const byHost = apis.get(HOST_FORM.exec(request.headers.host ?? "")?.[1] ?? "");
  if (byHost !== undefined) return { api: byHost, stage, path, query };
  const byStage = [...apis.values()].find((api) => api.stage(stage) !== undefined);
  return byStage && { api: byStage, stage, path, query };
}
