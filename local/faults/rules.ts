import { z } from "zod";
import { MillraceError } from "../../shared/errors/millrace-error.ts";

type Call = {
  /** A share of all calls, 0 to 1. */
  readonly rate: number;
  readonly service: "kinesis" | "dynamodb" | "s3" | "sqs" | "*";
  /** AWS's name of an operation, or * for all. */
  readonly operation: string;
};

type Run = {
  /** A share of all invocations, deliveries or starts, 0 to 1. */
  readonly rate: number;
  /** A part of a function's name, or * for all. */
  readonly function: string;
  readonly milliseconds: number;
};

/** What goes wrong, how often, and where. */
export type FaultRule =
  | ({ readonly fault: "throttle" } & Call)
  | ({ readonly fault: "delay"; readonly milliseconds: number } & Call)
  | ({ readonly fault: "error"; readonly code: string; readonly status: number } & Call)
  /** The operation is done, and its answer a 500. */
  | ({ readonly fault: "lost-response" } & Call)
  /** Entries of a batch call fail, of a transaction conflict, each with probability `share`; at least one. */
  | ({ readonly fault: "partial"; readonly share: number } & Call)
  /** The process ends within so long after an invocation begins. */
  | ({ readonly fault: "kill" } & Run)
  /** The process stands still for so long. */
  | ({ readonly fault: "freeze" } & Run)
  /** A batch is given to a second environment within so long, while the first may still be at work on it. */
  | ({ readonly fault: "duplicate" } & Run)
  /** The clock of a new environment is wrong by up to so much, either way. */
  | ({ readonly fault: "skew" } & Run)
  /** Each second, with this probability, a stream's shard is split or two are merged. */
  | { readonly fault: "reshard"; readonly rate: number; readonly stream: string };

/** The rules in force, and the seed from which their choices follow. */
export type FaultSettings = { readonly seed: number; readonly rules: readonly FaultRule[] };

/** A rule as it is written down: what has a default may be left out. */
export type FaultRuleInput = { readonly fault: FaultRule["fault"]; readonly rate: number } & Readonly<
  Record<string, string | number>
>;
export type FaultSettingsInput = { readonly seed?: number; readonly rules?: readonly FaultRuleInput[] };

const rate = z.number().min(0).max(1);
const duration = z.int().min(0).max(900_000);
const service = z.enum(["kinesis", "dynamodb", "s3", "sqs", "*"]).default("*");
const operation = z.string().min(1).default("*");
const functionName = z.string().min(1).default("*");

const RULE = z.discriminatedUnion("fault", [
  z.strictObject({ fault: z.literal("throttle"), rate, service, operation }),
  z.strictObject({ fault: z.literal("delay"), rate, service, operation, milliseconds: duration }),
  z.strictObject({
    fault: z.literal("error"),
    rate,
    service,
    operation,
    code: z.string().min(1).default("InternalFailure"),
    status: z.int().min(400).max(599).default(500),
  }),
  z.strictObject({ fault: z.literal("lost-response"), rate, service, operation }),
  z.strictObject({ fault: z.literal("partial"), rate, service, operation, share: rate.default(0.5) }),
  z.strictObject({
    fault: z.literal("kill"),
    rate,
    function: functionName,
    milliseconds: duration.default(100),
  }),
  z.strictObject({
    fault: z.literal("freeze"),
    rate,
    function: functionName,
    milliseconds: duration.default(2_000),
  }),
  z.strictObject({
    fault: z.literal("duplicate"),
    rate,
    function: functionName,
    milliseconds: duration.default(200),
  }),
  z.strictObject({
    fault: z.literal("skew"),
    rate,
    function: functionName,
    milliseconds: duration.default(300_000),
  }),
  z.strictObject({ fault: z.literal("reshard"), rate, stream: z.string().min(1).default("*") }),
]);

const SETTINGS: z.ZodType<FaultSettings> = z.strictObject({
  seed: z.int().default(1),
  rules: z.array(RULE).max(100).default([]),
});

/** @throws MillraceError FAULT_RULE_INVALID with the place that is wrong */
export function readFaultSettings(value: unknown): FaultSettings {
  const { success, data, error } = SETTINGS.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const place = issue?.path.join(".") ?? "";
  throw new MillraceError(
    "FAULT_RULE_INVALID",
    `${place === "" ? "the settings" : place}: ${issue?.message}`,
    {
      next: "refused",
    },
  );
}

/** A bit of everything, as `millrace dev --chaos <seed>` has it. */
export const EVERYTHING: readonly FaultRuleInput[] = [
  { fault: "throttle", rate: 0.02 },
  { fault: "delay", rate: 0.05, milliseconds: 100 },
  { fault: "error", rate: 0.01 },
  { fault: "lost-response", rate: 0.02 },
  { fault: "partial", rate: 0.05, operation: "PutRecords" },
  { fault: "kill", rate: 0.03 },
  { fault: "freeze", rate: 0.02 },
  { fault: "duplicate", rate: 0.05 },
  { fault: "skew", rate: 0.3 },
  { fault: "reshard", rate: 0.1 },
];
