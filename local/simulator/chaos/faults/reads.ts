import type { CallFault } from "../fault.ts";
import { someOf } from "./some-of.ts";

/** What befalls reads of several items at once. */
export const READ_FAULTS: readonly CallFault[] = [
  {
    name: "batch-get-partial",
    says: "BatchGetItem reads some keys and hands others back: one, all but one, or any of them",
    at: "call",
    rate: 0.2,
    can: ({ operation, entries }) => operation === "dynamodb BatchGetItem" && entries > 1,
    strike(world, { entries }, random) {
      world.count("batch-get-partial");
      return { kind: "partial", failed: someOf(entries, random) };
    },
  },
];
