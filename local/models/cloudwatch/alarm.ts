import { ServiceError } from "../service-error.ts";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** PutMetricAlarm's input, as far as it is modelled: one metric, one static threshold. */
export type AlarmInput = {
  readonly AlarmName: string;
  readonly AlarmDescription?: string;
  readonly ActionsEnabled?: boolean;
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
  readonly InsufficientDataActions?: readonly string[];
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  /** Seconds. */
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData?: string;
};

const BREACHES: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const MISSING = new Set(["missing", "ignore", "breaching", "notBreaching"]);

/** @throws ServiceError ValidationError for an alarm that the model cannot honour */
export function checkAlarm(alarm: AlarmInput): void {
  const refuse = (message: string): never => {
    throw new ServiceError("ValidationError", message);
  };
  if (!Object.hasOwn(BREACHES, alarm.ComparisonOperator))
    refuse(`ComparisonOperator ${alarm.ComparisonOperator} is not supported`);
  if (alarm.TreatMissingData !== undefined && !MISSING.has(alarm.TreatMissingData))
    refuse(`TreatMissingData ${alarm.TreatMissingData} is not supported`);
  if (!(alarm.Period >= 60 && alarm.Period % 60 === 0))
    refuse("Period must be a multiple of 60: high-resolution metrics are not modelled");
  const { DatapointsToAlarm: needed = alarm.EvaluationPeriods } = alarm;
  if (!(alarm.EvaluationPeriods >= 1 && needed >= 1 && needed <= alarm.EvaluationPeriods))
    refuse("DatapointsToAlarm must be between 1 and EvaluationPeriods");
}

/** CloudWatch looks at some periods more than an alarm evaluates, for where points of those are missing. */
export const EXTRA_PERIODS = 2;

/**
 * The state that the points of the last EvaluationPeriods + EXTRA_PERIODS give, oldest first; undefined for a period
 * without data. The newest real points count; where there are fewer than are evaluated, the rest is filled in as
 * TreatMissingData says:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 * @param before - the alarm's state until now
 */
export function stateAfter(
  alarm: AlarmInput,
  points: readonly (number | undefined)[],
  before: AlarmState,
): AlarmState {
  const { ComparisonOperator, Threshold, EvaluationPeriods, TreatMissingData = "missing" } = alarm;
  const needed = alarm.DatapointsToAlarm ?? EvaluationPeriods;
  const known = points.filter((point) => point !== undefined).slice(-EvaluationPeriods);
  const missing = EvaluationPeriods - known.length;
  const breaching = known.filter((point) => BREACHES[ComparisonOperator]?.(point, Threshold)).length;
  if (breaching >= needed) return "ALARM";
  switch (TreatMissingData) {
    case "breaching":
      return breaching + missing >= needed ? "ALARM" : "OK";
    case "notBreaching":
      return "OK";
    case "ignore":
      return breaching < known.length ? "OK" : before;
    default:
      if (known.length === 0) return "INSUFFICIENT_DATA";
      return breaching === known.length ? "ALARM" : "OK";
  }
}
