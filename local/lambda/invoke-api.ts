import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../iam/access.ts";
import { ServiceError } from "../models/service-error.ts";
import { checkJson, type InvokeResult } from "./invocation.ts";
import type { LambdaService } from "./lambda-service.ts";

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations(?:\?.*)?$/;

/**
 * Lambda's Invoke call for SDK clients and the AWS CLI: RequestResponse waits for the result, Event does not,
 * DryRun does nothing. False when the request is another one.
 * @param access - refuses what the caller may not invoke; without it everybody may invoke everything
 */
export function handleInvoke(
  lambda: LambdaService,
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
  access?: Access,
): boolean | Promise<boolean> {
  const [, name] = INVOKE_PATH.exec(request.url ?? "") ?? [];
  if (name === undefined || request.method !== "POST") return false;
  return answer(lambda, decodeURIComponent(name), request, response, body, access).then(() => true);
}

async function answer(
  lambda: LambdaService,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
  access: Access | undefined,
): Promise<void> {
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  const payload = body.byteLength === 0 ? "{}" : body;
  try {
    access?.checkInvoke(lambda.configOf(name).arn, request);
    switch (type) {
      case "DryRun":
        response.writeHead(204).end();
        return;
      case "Event": {
        const { requestId } = lambda.invokeEvent(name, payload);
        response.writeHead(202, { "x-amzn-requestid": requestId, "content-length": 0 }).end();
        return;
      }
      case "RequestResponse":
        checkJson(payload);
        answerResult(await lambda.invoke(name, payload), request, response);
        return;
      default:
        throw new ServiceError("InvalidParameterValueException", `InvocationType ${type} is not known`);
    }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    answerError(error, response);
  }
}

function answerResult(result: InvokeResult, request: IncomingMessage, response: ServerResponse): void {
  const tail = request.headers["x-amz-log-type"] === "Tail";
  response.writeHead(200, {
    "content-type": "application/json",
    "x-amzn-requestid": result.requestId,
    "x-amz-executed-version": "$LATEST",
    ...(result.functionError && { "x-amz-function-error": result.functionError }),
    ...(tail && { "x-amz-log-result": Buffer.from(result.logTail).toString("base64") }),
  });
  response.end(result.payload);
}

function answerError({ code, status, message, detail }: ServiceError, response: ServerResponse): void {
  const Type = status < 500 ? "User" : "Service";
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": code });
  response.end(JSON.stringify({ Type, Message: message, message, ...detail }));
}
