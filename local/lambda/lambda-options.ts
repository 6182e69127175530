import type { Clock } from "../../shared/time/clock.ts";
import type { DurationMs, EpochMs } from "../../shared/time/time.ts";
import type { FaultyProcess } from "../faults/fault-driver.ts";
import type { Wait } from "../sources/wait.ts";
import type { Deliver } from "./destinations.ts";
import type { Lifetimes } from "./lifetimes.ts";

/** A child process that runs now. */
export type FunctionProcess = {
  readonly functionName: string;
  readonly pid: number;
  /** Whether an invocation runs in it. */
  readonly busy: boolean;
};

/** What happened since the service started. */
export type LambdaCounters = {
  /** Processes started. */
  readonly started: number;
  /** Processes that ended while the service was open, whatever the reason. */
  readonly killed: number;
  readonly invocations: number;
  /** Invocations that ended in a function error. */
  readonly errors: number;
  /** Invocations that were refused for a limit of concurrency or rate. */
  readonly throttles: number;
  /** Asynchronous events that were given up. */
  readonly discarded: number;
  /** Records of asynchronous events that a destination did not take. */
  readonly undelivered: number;
};

/** One execution of a function, or one that was refused. */
export type Execution = {
  readonly functionName: string;
  /** When it began. */
  readonly at: EpochMs;
  /** Until it answered. */
  readonly duration: DurationMs;
  readonly outcome: "success" | "error" | "throttle";
};

export type LambdaServiceOptions = {
  /** Where the Runtime API (`handle`) and the other local services answer, `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly region: string;
  readonly clock: Clock;
  /**
   * Processes per function at once, where it has no reserved concurrency. It is the machine's limit, and none of
   * Lambda's: an invocation beyond it is no throttle, it waits as for a slow cold start. @default 4
   */
  readonly concurrency?: number;
  /** Concurrent executions of all functions, Lambda's quota; beyond it invocations are throttled. @default 1,000 */
  readonly accountConcurrency?: number;
  /** @default DEFAULT_LIFETIMES */
  readonly lifetimes?: Partial<Lifetimes>;
  /** Picks among idle environments. @default Math.random */
  readonly random?: () => number;
  /** Where the pauses before an event is tried again come from. @default machineWait */
  readonly wait?: Wait;
  /** By how much the clock of a new environment is wrong, in milliseconds. @default not at all */
  readonly clockSkewOf?: (functionName: string) => number;
  /** Gets the process of each invocation as it begins. */
  readonly onRun?: (process: FaultyProcess) => void;
  /** Gets each execution when it is over. */
  readonly onExecution?: (execution: Execution) => void;
  /** Where records of asynchronous events go; without it nothing takes them. */
  readonly deliver?: Deliver;
};
