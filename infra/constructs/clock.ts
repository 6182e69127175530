import { Duration } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import type { Construct } from "constructs";
import { BundledFunction, type BundledFunctionProps } from "./bundled-function.ts";

export type ClockProps = Omit<BundledFunctionProps, "service" | "description" | "memoryMb" | "timeout">;

/**
 * Sends ticks to partitions that have a timer, hold a watermark back or owe something to another stage. It runs
 * each minute, also when there is nothing to do: 43,200 runs a month, which cost about 3 cents, and one read per
 * partition and run, which is about 30 cents a month for 100 partitions (us-east-1).
 */
export class Clock extends BundledFunction {
  constructor(scope: Construct, id: string, props: ClockProps) {
    super(scope, id, {
      ...props,
      service: "clock",
      description: `Sends ticks to partitions of ${props.application}`,
      memoryMb: 256,
      timeout: Duration.seconds(50),
    });
    props.storage.grantTimerReads(this.role);
    new events.Rule(this, "EveryMinute", {
      description: `Ticks of ${props.application}`,
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        // a tick that failed is not repeated: the next one does its work
        new targets.LambdaFunction(this.function, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
      ],
    });
  }
}
