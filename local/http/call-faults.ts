import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { ServiceName } from "../models/faults.ts";

/** What the server must know of the faults: which calls wait first, and that a call from outside runs. */
export type CallFaults = {
  /** Milliseconds. */
  delayOf(service: ServiceName, operation: string): number;
  during<T>(run: () => T): T;
};

const SERVICES: Readonly<Record<string, ServiceName>> = {
  Kinesis_20131202: "kinesis",
  DynamoDB_20120810: "dynamodb",
  AmazonSQS: "sqs",
  S3: "s3",
};

/** Faults by the target of a call, `<service>.<operation>`; without any, nothing waits and nothing goes wrong. */
export function faultsOfCalls(faults: CallFaults | undefined): {
  pause(target: string): Promise<void>;
  during<T>(run: () => T): T;
} {
  return {
    async pause(target) {
      const [prefix = "", operation = ""] = target.split(".");
      const service = SERVICES[prefix];
      const milliseconds = service === undefined ? 0 : (faults?.delayOf(service, operation) ?? 0);
      if (milliseconds > 0) await delay(milliseconds);
    },
    during: (run) => (faults === undefined ? run() : faults.during(run)),
  };
}

const OBJECT_OPERATIONS: Readonly<Record<string, string>> = {
  GET: "GetObject",
  HEAD: "HeadObject",
  PUT: "PutObject",
  DELETE: "DeleteObject",
};

/** The operation of a plain call on an object; what has a query of its own (a list, an upload's part) is `Other`. */
export function s3OperationOf({ method = "GET", url = "" }: IncomingMessage): string {
  const isPlain = !url.includes("?") || url.endsWith("?x-id=GetObject") || url.endsWith("?x-id=PutObject");
  return (isPlain ? OBJECT_OPERATIONS[method] : undefined) ?? "Other";
}
