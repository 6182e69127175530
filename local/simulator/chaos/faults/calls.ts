import type { CallFault } from "../fault.ts";
import { someOf } from "./some-of.ts";

const WRITES = /^(dynamodb (PutItem|DeleteItem)|s3 (PutObject|DeleteObjects)|kinesis PutRecords)$/;

const calls =
  (pattern: RegExp) =>
  ({ operation }: { readonly operation: string }): boolean =>
    pattern.test(operation);

/** What befalls the calls of an environment: that it ends there, that it sleeps there, or that they fail. */
export const CALL_FAULTS: readonly CallFault[] = [
  {
    name: "crash-before",
    says: "an environment ends before a call is done",
    at: "call",
    rate: 0.01,
    can: () => true,
    strike(world, { owner }) {
      world.count("crash-before");
      world.crash(owner);
      return "stopped";
    },
  },
  {
    name: "crash-after",
    says: "an environment ends when a call was done, before it has the answer",
    at: "answer",
    rate: 0.01,
    can: () => true,
    strike(world, { owner }) {
      world.count("crash-after");
      world.crash(owner);
      return "stopped";
    },
  },
  {
    name: "zombie",
    says: "an environment stops at a call, its batch goes to another, and it goes on once others have committed 1 to 3 entries",
    at: "call",
    rate: 0.01,
    can: () => true,
    strike(world, { owner }, random) {
      world.sleep(owner, "zombie", "commit", 1 + random.below(3));
      return "stopped";
    },
  },
  {
    name: "lost-response",
    says: "a write lands, and its answer is lost",
    at: "call",
    rate: 0.04,
    can: calls(WRITES),
    strike(world) {
      world.count("lost-response");
      return { kind: "lost-response" };
    },
  },
  {
    name: "dynamodb-throttle",
    says: "DynamoDB refuses a call for its rate",
    at: "call",
    rate: 0.04,
    can: calls(/^dynamodb/),
    strike(world) {
      world.count("dynamodb-throttle");
      return { kind: "throttle" };
    },
  },
  {
    name: "kinesis-throttle",
    says: "Kinesis refuses a call for its rate",
    at: "call",
    rate: 0.1,
    can: calls(/^kinesis/),
    strike(world) {
      world.count("kinesis-throttle");
      return { kind: "throttle" };
    },
  },
  {
    name: "put-records-partial",
    says: "PutRecords places some records and refuses others: one, all but one, or any of them",
    at: "call",
    rate: 0.2,
    can: ({ operation, entries }) => operation === "kinesis PutRecords" && entries > 1,
    strike(world, { entries }, random) {
      world.count("put-records-partial");
      return { kind: "partial", failed: someOf(entries, random) };
    },
  },
  {
    name: "s3-503",
    says: "S3 asks to slow down",
    at: "call",
    rate: 0.1,
    can: calls(/^s3/),
    strike(world) {
      world.count("s3-503");
      return { kind: "throttle" };
    },
  },
  {
    name: "s3-409",
    says: "S3 is in the middle of another conditional write of the key",
    at: "call",
    rate: 0.1,
    can: calls(/^s3 PutObject/),
    strike(world) {
      world.count("s3-409");
      return { kind: "error", code: "ConditionalRequestConflict", status: 409 };
    },
  },
  {
    name: "s3-412",
    says: "an object that landed is sent again, and refused since it is there",
    at: "call",
    rate: 0.1,
    can: calls(/^s3 PutObject/),
    strike(world) {
      world.count("s3-412");
      return { kind: "sent-twice" };
    },
  },
];
