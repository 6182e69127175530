import { Duration } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { BundledFunction } from "./bundled-function.ts";

export type MonitoringOptions = {
  /** Gets every alarm, and its end. @default nobody: the alarms are seen in CloudWatch */
  readonly alarmTopic?: ITopic;
  /** How far a stage may fall behind its stream. Far below the stream's retention. @default 15 minutes */
  readonly iteratorAge?: Duration;
};

export type MonitoringProps = MonitoringOptions & {
  /** By stage id. */
  readonly stages: ReadonlyMap<string, BundledFunction>;
  readonly others: readonly BundledFunction[];
  readonly abandoned: Queue;
  readonly restApi: RestApi;
};

type Rule = {
  readonly metric: cloudwatch.Metric;
  /** Breached above this. */
  readonly threshold: number;
  /** Minutes in a row. */
  readonly minutes: number;
  /** For who is woken by it: what it means and what to look at. */
  readonly description: string;
};

const minute = Duration.minutes(1);

/** Alarms for what needs a person: a stage that falls behind, functions that fail, records given up. */
export class Monitoring extends Construct {
  readonly #topic: ITopic | undefined;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { stages, others, abandoned, restApi, iteratorAge = Duration.minutes(15) } = props;
    this.#topic = props.alarmTopic;
    for (const [stage, { function: fn }] of stages)
      this.#alarm(`Age-${stage}`, {
        metric: fn.metric("IteratorAge", { statistic: "Maximum", period: minute }),
        threshold: iteratorAge.toMilliseconds(),
        minutes: 5,
        description: `Stage ${stage} is behind its stream by more than ${iteratorAge.toHumanString()}. What it has not read when the stream's retention ends is lost to it: look at its errors and throttles, then at its shards.`,
      });
    for (const stage of stages.keys())
      this.#alarm(`Stopped-${stage}`, {
        metric: new cloudwatch.Metric({
          namespace: "Millrace",
          metricName: "BatchesStopped",
          dimensionsMap: { service: stage, stage },
          statistic: "Sum",
          period: minute,
        }),
        threshold: 0,
        minutes: 5,
        description: `Stage ${stage} has stopped at a record in each of five minutes, which its function reports without failing. Its log group has the error's code and what happens next.`,
      });
    for (const { function: fn, node } of [...stages.values(), ...others]) {
      this.#alarm(`Errors-${node.id}`, {
        metric: fn.metricErrors({ statistic: "Sum", period: minute }),
        threshold: 0,
        minutes: 3,
        description: `${node.id} has failed in each of three minutes. Its batches are retried; the log group says why they fail.`,
      });
      this.#alarm(`Throttles-${node.id}`, {
        metric: fn.metricThrottles({ statistic: "Sum", period: minute }),
        threshold: 0,
        minutes: 3,
        description: `Lambda has refused to run ${node.id} in each of three minutes: the account's concurrency is used up.`,
      });
    }
    this.#alarm("Abandoned", {
      metric: abandoned.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", period: minute }),
      threshold: 0,
      minutes: 1,
      description:
        "Lambda has given records up, because the stream's retention ended before a stage took them. The queue's messages name stream, shard and sequence numbers.",
    });
    this.#alarm("Api5xx", {
      metric: restApi.metricServerError({ statistic: "Sum", period: minute }),
      threshold: 0,
      minutes: 3,
      description: "The API has answered with 5xx in each of three minutes. Producers repeat such requests.",
    });
  }

  #alarm(id: string, { metric, threshold, minutes, description }: Rule): void {
    const alarm = metric.createAlarm(this, id, {
      alarmDescription: description,
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: minutes,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (this.#topic === undefined) return;
    const action = new SnsAction(this.#topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
