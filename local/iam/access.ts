import type { IncomingMessage } from "node:http";
import { isIPv4 } from "node:net";
import { ServiceError } from "../models/service-error.ts";
import type { Callers } from "./caller.ts";
import type { CallContext, ServiceCalls } from "./calls/call.ts";
import { CLOUDWATCH_CALLS } from "./calls/cloudwatch-calls.ts";
import { DYNAMODB_CALLS } from "./calls/dynamodb-calls.ts";
import { KINESIS_CALLS } from "./calls/kinesis-calls.ts";
import { invocationOf } from "./calls/lambda-calls.ts";
import { LOGS_CALLS } from "./calls/logs-calls.ts";
import { deletionOf, listingOf, type S3Call, s3CallsFor } from "./calls/s3-calls.ts";
import { SQS_CALLS } from "./calls/sqs-calls.ts";
import type { Keys } from "./condition-keys.ts";
import type { Ask, Iam } from "./iam.ts";
import type { Principal } from "./principal.ts";
import {
  CLOUDWATCH_WORDING,
  JSON_WORDING,
  LAMBDA_WORDING,
  S3_WORDING,
  SQS_WORDING,
  type Wording,
} from "./wording.ts";

type JsonService = { readonly calls: ServiceCalls; readonly wording: Wording };

/** The services that speak AWS JSON, by the prefix of X-Amz-Target. */
export const JSON_SERVICES: Readonly<Record<string, JsonService>> = {
  Kinesis_20131202: { calls: KINESIS_CALLS, wording: JSON_WORDING },
  DynamoDB_20120810: { calls: DYNAMODB_CALLS, wording: JSON_WORDING },
  GraniteServiceVersion20100801: { calls: CLOUDWATCH_CALLS, wording: CLOUDWATCH_WORDING },
  Logs_20140328: { calls: LOGS_CALLS, wording: JSON_WORDING },
  AmazonSQS: { calls: SQS_CALLS, wording: SQS_WORDING },
};

/** What the sender of a request may do with S3. */
export type S3Access = {
  /**
   * Throws a ServiceError where the sender may not do this.
   * @param operation - by method and query parameters, as the server names it
   */
  check(operation: string, call: S3Call): void;
  /** Whether a key of a DeleteObjects may be deleted. */
  mayDelete(call: S3Call, key: string): boolean;
  /** For a key that is not there. Throws a ServiceError where the sender may not list the bucket: who may not, does not learn it. */
  checkMissing(call: S3Call): void;
};

export type AccessOptions = {
  readonly iam: Iam;
  readonly callers: Callers;
  readonly context: CallContext;
};

/** The rights of whoever sends a request over HTTP. The account's administrator may do everything. */
export class Access {
  readonly #iam: Iam;
  readonly #callers: Callers;
  readonly #context: CallContext;

  constructor({ iam, callers, context }: AccessOptions) {
    this.#iam = iam;
    this.#callers = callers;
    this.#context = context;
  }

  /** Throws a ServiceError in the service's words where the sender of a JSON call may not do it. */
  checkJson(service: string, operation: string, input: object, request: IncomingMessage): void {
    const { calls, wording } = JSON_SERVICES[service] ?? { calls: {}, wording: JSON_WORDING };
    const principal = this.#principalOf(request, wording);
    if (principal === undefined) return;
    const call = Object.hasOwn(calls, operation) ? calls[operation] : undefined;
    if (call === undefined)
      throw new ServiceError("InternalFailure", `the local cloud has no rights for ${operation}`, 500);
    this.#check(principal, () => call(input as never, this.#context), request, wording);
  }

  /** Throws a ServiceError where the sender of a request may not invoke a function. */
  checkInvoke(functionArn: string, request: IncomingMessage): void {
    const principal = this.#principalOf(request, LAMBDA_WORDING);
    if (principal !== undefined)
      this.#check(principal, () => [invocationOf(functionArn)], request, LAMBDA_WORDING);
  }

  /** What the sender of a request may do with S3; undefined where it may do everything. Throws a ServiceError for a bad key. */
  s3(request: IncomingMessage): S3Access | undefined {
    const principal = this.#principalOf(request, S3_WORDING);
    if (principal === undefined) return undefined;
    return {
      check: (operation, call) => {
        const calls = s3CallsFor(call);
        const asks = Object.hasOwn(calls, operation) ? calls[operation] : undefined;
        if (asks === undefined)
          throw new ServiceError("InternalError", `the local cloud has no rights for ${operation}`, 500);
        this.#check(principal, () => asks(call), request, S3_WORDING);
      },
      mayDelete: (call, key) =>
        this.#iam.refusalOf(principal, [deletionOf(call, key)], connectionKeys(request)) === undefined,
      checkMissing: (call) => this.#check(principal, () => [listingOf(call)], request, S3_WORDING),
    };
  }

  /** Undefined for the administrator. */
  #principalOf(request: IncomingMessage, { invalidToken, unsigned }: Wording): Principal | undefined {
    if (!this.#iam.enforced) return undefined;
    const caller = this.#callers.callerOf(request);
    if (caller.kind === "administrator") return undefined;
    if (caller.kind === "invalid") throw invalidToken();
    if (caller.principal.kind === "anonymous" && unsigned !== undefined) throw unsigned();
    return caller.principal;
  }

  #check(
    principal: Principal,
    asksOf: () => readonly Ask[],
    request: IncomingMessage,
    { denied }: Wording,
  ): void {
    const refused = this.#iam.refusalOf(principal, readable(asksOf), connectionKeys(request));
    if (refused !== undefined) throw denied(refused, principal);
  }
}

/** What an input that is not of its operation's shape asks for, nobody can say. */
function readable(asksOf: () => readonly Ask[]): readonly Ask[] {
  try {
    return asksOf();
  } catch (cause) {
    if (cause instanceof TypeError) throw new ServiceError("SerializationException", cause.message);
    throw cause;
  }
}

/** Condition keys of the connection that a request came by. */
const connectionKeys =
  ({ socket, headers }: IncomingMessage): Keys =>
  (key) => {
    if (key === "aws:useragent")
      return headers["user-agent"] === undefined ? undefined : [headers["user-agent"]];
    return key === "aws:sourceip" ? [addressOf(socket.remoteAddress ?? "127.0.0.1")] : undefined;
  };

/** An IPv4 address that a socket for both families shows as `::ffff:127.0.0.1` as it is. */
function addressOf(remote: string): string {
  const mapped = remote.replace(/^::ffff:/, "");
  return isIPv4(mapped) ? mapped : remote;
}
