import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { BundledFunction, type BundledFunctionProps } from "./bundled-function.ts";

export type QueryProps = Omit<
  BundledFunctionProps,
  "service" | "description" | "memoryMb" | "timeout" | "writesTo"
>;

/** Answers questions about views and failed events over HTTP. */
export class Query extends BundledFunction {
  constructor(scope: Construct, id: string, props: QueryProps) {
    super(scope, id, {
      ...props,
      service: "query",
      description: `Answers queries of ${props.application}`,
      memoryMb: 512,
      timeout: Duration.seconds(29),
    });
    props.storage.grantReads(this.role);
  }
}
