import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { StagePlan } from "../../shared/plan/plan.ts";
import { BundledFunction, type BundledFunctionProps } from "./bundled-function.ts";
import { StreamReader, type StreamReaderProps } from "./stream-reader.ts";

export type LakeOptions = {
  /**
   * How long to gather rows for a file, 0 to 300 s. Long windows make fewer, larger files, which readers like;
   * short ones make rows visible sooner. A batch that reaches 6 MB does not wait. @default 60 seconds
   */
  readonly lakeBatchingWindow?: Duration;
};

export type LakeProps = LakeOptions &
  Omit<StreamReaderProps, "reader" | "batchingWindow" | "parallelism"> &
  Omit<BundledFunctionProps, "service" | "description" | "memoryMb" | "timeout"> & {
    readonly stage: StagePlan;
  };

/** A stage that writes Parquet files. */
export class Lake extends BundledFunction {
  constructor(scope: Construct, id: string, props: LakeProps) {
    const { stage, storage, lakeBatchingWindow = Duration.minutes(1) } = props;
    super(scope, id, {
      ...props,
      service: stage.id,
      description: `Lake stage ${stage.id} of ${props.application}`,
      memoryMb: 1_769,
      timeout: Duration.minutes(2),
      environment: { MILLRACE_STAGE: stage.id },
      ofEpoch: true,
    });
    storage.grantCommits(this.role);
    storage.grantLakeWrites(this.role);
    new StreamReader(this, "Input", { ...props, reader: this, batchingWindow: lakeBatchingWindow });
  }
}
