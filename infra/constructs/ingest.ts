import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { BundledFunction, type BundledFunctionProps } from "./bundled-function.ts";

export type IngestProps = Omit<BundledFunctionProps, "service" | "description" | "memoryMb" | "timeout">;

/** Takes events over HTTP into the source streams. */
export class Ingest extends BundledFunction {
  constructor(scope: Construct, id: string, props: IngestProps) {
    super(scope, id, {
      ...props,
      service: "ingest",
      description: `Takes events of ${props.application}`,
      memoryMb: 1_769,
      // the gateway gives up after 29 s
      timeout: Duration.seconds(29),
      environment: { MILLRACE_IDEMPOTENCY_TABLE: props.storage.idempotency.tableName },
    });
    props.storage.grantIdempotency(this.role);
  }
}
