import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Plan, StagePlan } from "../../shared/plan/plan.ts";
import { BundledFunction, type BundledFunctionProps } from "./bundled-function.ts";
import { grantLookups, type LookupsProps, lookupEnvironment } from "./lookups.ts";
import { StreamReader, type StreamReaderProps } from "./stream-reader.ts";

export type StageOptions = {
  /** @default 1,769, one processor */
  readonly memoryMb?: number;
  /** Lambdas per shard, 1 to 10; a partition stays in order. @default 1 */
  readonly parallelism?: number;
};

export type StageProps = StageOptions &
  LookupsProps &
  Omit<StreamReaderProps, "reader" | "batchingWindow"> &
  Omit<BundledFunctionProps, "service" | "description" | "memoryMb" | "timeout"> & {
    readonly plan: Plan;
    readonly stage: StagePlan;
    /** Whether it writes rows of views. */
    readonly writesViews: boolean;
  };

/** A stage of a pipeline: reads its stream, folds, commits, then hands on what it committed. */
export class Stage extends BundledFunction {
  constructor(scope: Construct, id: string, props: StageProps) {
    const { plan, stage, storage } = props;
    super(scope, id, {
      ...props,
      service: stage.id,
      description: `Stage ${stage.id} of ${props.application}`,
      memoryMb: props.memoryMb ?? 1_769,
      // what a batch has committed by then is not folded again
      timeout: Duration.minutes(1),
      environment: { MILLRACE_STAGE: stage.id, ...lookupEnvironment(scope, stage.id, plan, props) },
      ofEpoch: true,
    });
    grantLookups(this.role, stage.id, plan, props);
    storage.grantCommits(this.role);
    if (props.writesViews) storage.grantViewWrites(this.role);
    new StreamReader(this, "Input", { ...props, reader: this, batchingWindow: Duration.seconds(0) });
  }
}
