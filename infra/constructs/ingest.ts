import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { BundledFunction, type BundledFunctionProps } from "./bundled-function.ts";

/** Which event times a stream takes, measured against the time of the request. */
export type EventTimeLimits = {
  /** Older events are refused. @default any */
  readonly maxAge?: Duration;
  /** Events further in the future, which would move the watermark there, are refused. @default any */
  readonly maxAhead?: Duration;
};

export type IngestOptions = {
  /** By stream id. @default no limits: old events are as welcome as new ones */
  readonly eventTimes?: Readonly<Record<string, EventTimeLimits>>;
};

export type IngestProps = IngestOptions &
  Omit<BundledFunctionProps, "service" | "description" | "memoryMb" | "timeout">;

/** Takes events over HTTP into the source streams. */
export class Ingest extends BundledFunction {
  constructor(scope: Construct, id: string, props: IngestProps) {
    const { application, storage, eventTimes = {} } = props;
    const limits = (limit: keyof EventTimeLimits): string =>
      JSON.stringify(
        Object.fromEntries(
          Object.entries(eventTimes).flatMap(([stream, { [limit]: duration }]) =>
            duration === undefined ? [] : [[stream, duration.toMilliseconds()]],
          ),
        ),
      );
    super(scope, id, {
      ...props,
      service: "ingest",
      description: `Takes events of ${application}`,
      memoryMb: 1_769,
      // the gateway gives up after 29 s
      timeout: Duration.seconds(29),
      environment: {
        MILLRACE_IDEMPOTENCY_TABLE: storage.idempotency.tableName,
        MILLRACE_MAX_AGE_MS: limits("maxAge"),
        MILLRACE_MAX_AHEAD_MS: limits("maxAhead"),
      },
    });
    storage.grantIdempotency(this.role);
  }
}
