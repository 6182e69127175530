import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../iam/access.ts";
import { ServiceError } from "../models/service-error.ts";
import { type JsonOperations, wireOf } from "./json-operations.ts";

/** Operations by the prefix of X-Amz-Target, e.g. `Kinesis_20131202`. */
export type JsonServices = Readonly<Record<string, JsonOperations>>;

/**
 * Answers one call of the AWS JSON protocol (1.0 or 1.1).
 * @param access - refuses what the caller may not do; without it everybody may do everything
 */
export function answerJson(
  services: JsonServices,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
  access?: Access,
): void {
  const type = request.headers["content-type"] ?? "application/x-amz-json-1.1";
  try {
    const [service = "", operation = ""] = target.split(".");
    const run = operationOf(services, service, operation);
    const input = parsed(body);
    access?.checkJson(service, operation, input, request);
    send(response, 200, type, JSON.stringify(run(input) ?? {}));
  } catch (error) {
    const { code, status, message, detail } = serviceErrorOf(error);
    const more = detail === undefined ? {} : (wireOf(detail) as object);
    send(response, status, type, JSON.stringify({ __type: code, message, ...more }), code);
  }
}

/** Any error as the service would answer it: one that is not AWS's is an InternalFailure that says what happened. */
export function serviceErrorOf(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ServiceError("InternalFailure", message, 500);
}

function operationOf(services: JsonServices, prefix: string, operation: string): (input: never) => unknown {
  const operations = Object.hasOwn(services, prefix) ? services[prefix] : undefined;
  const run =
    operations !== undefined && Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (run === undefined)
    throw new ServiceError(
      "UnknownOperationException",
      `the local cloud does not know the operation ${prefix}.${operation}`,
    );
  return run;
}

function parsed(body: Uint8Array): never {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  let input: unknown;
  try {
    input = text === "" ? {} : JSON.parse(text);
  } catch (cause) {
    throw new ServiceError("SerializationException", `the body is no JSON: ${String(cause)}`);
  }
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw new ServiceError("SerializationException", "the body is no JSON object");
  return input as never;
}

function send(response: ServerResponse, status: number, type: string, body: string, error?: string): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    ...(error !== undefined && { "x-amzn-errortype": error }),
  });
  response.end(body);
}
