import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { BundledFunction, type BundledFunctionProps } from "./bundled-function.ts";

export type QueryProps = Omit<
  BundledFunctionProps,
  "service" | "description" | "memoryMb" | "timeout" | "writesTo"
> & {
  /** Whether some operator's state may be asked for: only then may the function read logs and snapshots. */
  readonly readsState: boolean;
};

/** Answers questions about views, state and failed events over HTTP. */
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
    if (props.readsState) props.storage.grantStateReads(this.role);
  }
}
