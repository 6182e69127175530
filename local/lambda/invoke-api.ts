import type { IncomingMessage, ServerResponse } from "node:http";
import { ServiceError } from "../models/service-error.ts";
import type { LambdaService } from "./lambda-service.ts";

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations(?:\?.*)?$/;

/**
 * Lambda's Invoke call for SDK clients and the AWS CLI: RequestResponse waits for the result, Event does not,
 * DryRun does nothing. False when the request is another one.
 */
export function handleInvoke(
  lambda: LambdaService,
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
): boolean | Promise<boolean> {
  const [, name] = INVOKE_PATH.exec(request.url ?? "") ?? [];
  if (name === undefined || request.method !== "POST") return false;
  return answer(lambda, decodeURIComponent(name), request, response, body).then(() => true);
}

async function answer(
  lambda: LambdaService,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
): Promise<void> {
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  try {
    lambda.configOf(name);
    if (type === "DryRun") {
      response.writeHead(204).end();
      return;
    }
    if (type === "Event") response.writeHead(202).end();
    const result = await lambda.invoke(name, body.byteLength === 0 ? "{}" : body);
    if (type === "Event") return;
    const tail = request.headers["x-amz-log-type"] === "Tail";
    response.writeHead(200, {
      "content-type": "application/json",
      "x-amzn-requestid": result.requestId,
      "x-amz-executed-version": "$LATEST",
      ...(result.functionError && { "x-amz-function-error": result.functionError }),
      ...(tail && { "x-amz-log-result": Buffer.from(result.logTail).toString("base64") }),
    });
    response.end(result.payload);
  } catch (error) {
    if (!(error instanceof ServiceError) || response.headersSent) throw error;
    response.writeHead(error.status, { "content-type": "application/json", "x-amzn-errortype": error.code });
    response.end(JSON.stringify({ Type: error.status < 500 ? "User" : "Service", Message: error.message }));
  }
}
