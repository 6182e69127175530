import type { Clock } from "../shared/time/clock.ts";
import type { FaultSettingsInput } from "./faults/rules.ts";
import type { Lifetimes } from "./lambda/lifetimes.ts";
import type { PersistenceOptions } from "./persist/persistence.ts";

/** How a local cloud runs. */
export type CloudOptions = {
  /** The folder that `cdk synth` wrote. */
  readonly templateDir: string;
  /** 0 takes any free port. @default 0 */
  readonly port?: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Takes the place of the period of every schedule, in milliseconds. */
  readonly scheduleEveryMs?: number;
  /** The longest that a Kinesis source gathers a batch, whatever its mapping says, in milliseconds. */
  readonly batchingWindowMs?: number;
  /** The most records that a Kinesis source gives at once, whatever its mapping says. */
  readonly batchRecords?: number;
  /** Gets every line that a function logs. */
  readonly logFile?: string;
  /** Processes per function without reserved concurrency; an invocation beyond it waits for one. @default 4 */
  readonly concurrency?: number;
  /** Concurrent executions of all functions; an invocation beyond it is throttled. @default 1,000 */
  readonly accountConcurrency?: number;
  /** How long Lambda environments stay warm. @default DEFAULT_LIFETIMES */
  readonly lifetimes?: Partial<Lifetimes>;
  /**
   * Whether a Kinesis shard takes only 1 MB and 1,000 records a second, and a key of a table 1,000 write units.
   * @default "enforced"
   */
  readonly limits?: "enforced" | "off";
  /** About the most bytes that the records of all streams occupy; a write beyond is throttled. @default 1 GiB */
  readonly streamBytes?: number;
  /**
   * Whether functions may do only what their roles' policies allow, and are invoked only by whom their own policies
   * let in. @default "enforced"
   */
  readonly iam?: "enforced" | "off";
  /**
   * Whether a method with IAM authorization asks for a signed request, by somebody who may invoke it. Off, so that
   * curl and a browser get on. @default "off"
   */
  readonly apiAuthorization?: "enforced" | "off";
  /** What goes wrong from the start; `faults` of the cloud, or /_millrace/faults, change it. @default nothing */
  readonly faults?: FaultSettingsInput;
  /** Where data are kept over the end of the process. @default nowhere */
  readonly persist?: Pick<PersistenceOptions, "folder" | "onFailure">;
  /** Whether a child shard is read only after its parents; AWS promises neither. @default true */
  readonly childrenWaitForParents?: boolean;
};
