import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../iam/access.ts";
import { ServiceError } from "../models/service-error.ts";
import { type JsonOperation, type JsonOperations, wireOf } from "./json-operations.ts";
import { SPOKEN } from "./other-services.ts";
import { queryErrorHeader } from "./sqs-query-error.ts";

/** Operations by the prefix of X-Amz-Target, e.g. `Kinesis_20131202`. */
export type JsonServices = Readonly<Record<string, JsonOperations>>;

/**
 * Answers one call of the AWS JSON protocol (1.0 or 1.1).
 * @param access - refuses what the caller may not do; without it everybody may do everything
 */
export async function answerJson(
  services: JsonServices,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
  access?: Access,
): Promise<void> {
  const type = request.headers["content-type"] ?? "application/x-amz-json-1.1";
  const [service = "", operation = ""] = target.split(".");
  try {
    const run = operationOf(services, service, operation);
    const input = parsed(body);
    access?.checkJson(service, operation, input, request);
    const output = await run(input, { abandoned: () => closingOf(response) });
    send(response, 200, { "content-type": type }, output ?? {});
  } catch (error) {
    const failure = serviceErrorOf(error);
    const { code, status, message, detail } = failure;
    const more = detail === undefined ? {} : (wireOf(detail) as object);
    const headers = {
      "content-type": type,
      "x-amzn-errortype": code,
      ...(service === "AmazonSQS" && queryErrorHeader(failure)),
    };
    send(response, status, headers, { __type: code, message, ...more });
  }
}

function closingOf(response: ServerResponse): AbortSignal {
  const closing = new AbortController();
  response.once("close", () => closing.abort());
  return closing.signal;
}

/** Any error as the service would answer it: one that is not AWS's is an InternalFailure that says what happened. */
export function serviceErrorOf(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ServiceError("InternalFailure", message, 500);
}

function operationOf(services: JsonServices, prefix: string, operation: string): JsonOperation {
  const operations = Object.hasOwn(services, prefix) ? services[prefix] : undefined;
  const run =
    operations !== undefined && Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (run === undefined)
    throw new ServiceError(
      "UnknownOperationException",
      `the local cloud does not know the operation ${prefix}.${operation}${operations === undefined ? `: ${SPOKEN}` : ""}`,
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

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  output: unknown,
): void {
  const body = JSON.stringify(output);
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
