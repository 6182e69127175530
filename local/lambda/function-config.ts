import type { DurationMs } from "../../shared/time/time.ts";

/** What the local Lambda service must know of one function. */
export type FunctionConfig = {
  readonly functionName: string;
  readonly arn: string;
  /** `file.export` or `dir/file.export`, as in the template. */
  readonly handler: string;
  /** Absolute path of the unpacked asset. */
  readonly taskRoot: string;
  readonly memoryMb: number;
  readonly timeout: DurationMs;
  readonly environment: Readonly<Record<string, string>>;
  /** The ARN of the execution role. */
  readonly role?: string;
  /** The log group of its lines. @default /aws/lambda/ and its name */
  readonly logGroup?: string;
  /** Concurrent executions that it has for itself, and at most; 0 switches it off. */
  readonly reservedConcurrency?: number;
  /** The ARN of the queue or topic that gets asynchronous events which were given up. */
  readonly deadLetterArn?: string;
};
