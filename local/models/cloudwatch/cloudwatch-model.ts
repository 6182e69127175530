import { type Clock, isoOf } from "../../../shared/time/clock.ts";
import { type EpochMs, epochMs, milliseconds } from "../../../shared/time/time.ts";
import { ACCOUNT_ID, REGION } from "../arn.ts";
import { ServiceError } from "../service-error.ts";
import { type AlarmInput, type AlarmState, checkAlarm, EXTRA_PERIODS, stateAfter } from "./alarm.ts";
import { type Dimensions, type MetricId, MetricStore, type Sample } from "./metric-store.ts";
import type { Sketch } from "./sketch.ts";
import { statisticOf } from "./statistic.ts";

/** An alarm as DescribeAlarms gives it; times in milliseconds. */
export type Alarm = AlarmInput & {
  readonly AlarmArn: string;
  readonly StateValue: AlarmState;
  readonly StateReason: string;
  readonly StateUpdatedTimestamp: EpochMs;
};

/** A change of an alarm's state. */
export type AlarmTransition = {
  readonly alarm: Alarm;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly at: EpochMs;
};

type NamedDimension = { readonly Name: string; readonly Value?: string };
type MetricRef = {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly NamedDimension[];
};

/** PutMetricData's datum; the timestamp in seconds, as it is sent. */
type Datum = {
  readonly MetricName: string;
  readonly Dimensions?: readonly NamedDimension[];
  readonly Timestamp?: number;
  readonly Value?: number;
  readonly Values?: readonly number[];
  readonly Counts?: readonly number[];
  readonly Unit?: string;
};

export type CloudWatchOptions = {
  readonly clock: Clock;
  /** Told of every change of an alarm's state. */
  readonly onTransition?: (transition: AlarmTransition) => void;
};

/** The newest transitions are kept. */
const HISTORY = 1_000;

/**
 * CloudWatch metrics and alarms on them. An alarm is looked at when `evaluate` is called, and before it is described.
 * Expressions, anomaly detection, composite alarms and high resolution are not modelled, and refused.
 */
export class CloudWatchModel {
  readonly #options: CloudWatchOptions;
  readonly #metrics = new MetricStore();
  readonly #alarms = new Map<string, Alarm>();
  readonly #history: AlarmTransition[] = [];

  constructor(options: CloudWatchOptions) {
    this.#options = options;
  }

  /** Takes what a service or a log line says. */
  record(samples: readonly Sample[]): void {
    for (const sample of samples) this.#metrics.record(sample);
  }

  putMetricData(input: { readonly Namespace: string; readonly MetricData: readonly Datum[] }): void {
    const { Namespace: namespace, MetricData } = input;
    if (namespace.startsWith("AWS/"))
      throw new ServiceError("InvalidParameterValue", `The value AWS/ for parameter Namespace is invalid.`);
    for (const { MetricName, Dimensions, Timestamp, Value, Values, Counts, Unit } of MetricData) {
      const at =
        Timestamp === undefined ? this.#options.clock.now() : epochMs(milliseconds(Timestamp * 1_000));
      for (const [i, value] of (Values ?? [Value ?? 0]).entries())
        this.#metrics.record({
          namespace,
          name: MetricName,
          dimensions: dimensionsOf(Dimensions),
          at,
          value,
          count: Counts?.[i] ?? 1,
          ...(Unit !== undefined && { unit: Unit }),
        });
    }
  }

  listMetrics(input: Partial<MetricRef> = {}): { readonly Metrics: readonly MetricRef[] } {
    const { Namespace, MetricName, Dimensions = [] } = input;
    const matches = ({ namespace, name, dimensions }: MetricId): boolean =>
      (Namespace === undefined || namespace === Namespace) &&
      (MetricName === undefined || name === MetricName) &&
      Dimensions.every(
        ({ Name, Value }) =>
          dimensions[Name] !== undefined && (Value === undefined || dimensions[Name] === Value),
      );
    return { Metrics: this.#metrics.metrics().filter(matches).map(refOf) };
  }

  /** Times in seconds, as they are sent. */
  getMetricStatistics(
    input: MetricRef & {
      readonly StartTime: number;
      readonly EndTime: number;
      readonly Period: number;
      readonly Statistics?: readonly string[];
      readonly ExtendedStatistics?: readonly string[];
    },
  ): { readonly Label: string; readonly Datapoints: readonly Readonly<Record<string, unknown>>[] } {
    const { Statistics = [], ExtendedStatistics = [] } = input;
    const id = idOf(input);
    const Unit = this.#metrics.unitOf(id) ?? "None";
    const values = (names: readonly string[], sketch: Sketch) =>
      Object.fromEntries(names.map((name) => [name, statisticOf(name)(sketch)]));
    const Datapoints = this.#periods(id, input).map(([at, sketch]) => ({
      Timestamp: at / 1_000,
      Unit,
      ...values(Statistics, sketch),
      ...(ExtendedStatistics.length > 0 && { ExtendedStatistics: values(ExtendedStatistics, sketch) }),
    }));
    return { Label: input.MetricName, Datapoints };
  }

  /** @throws ServiceError ValidationError for an expression */
  getMetricData(input: {
    readonly StartTime: number;
    readonly EndTime: number;
    readonly ScanBy?: string;
    readonly MetricDataQueries: readonly {
      readonly Id: string;
      readonly Label?: string;
      readonly Expression?: string;
      readonly MetricStat?: {
        readonly Metric: MetricRef;
        readonly Period: number;
        readonly Stat: string;
      };
    }[];
  }): { readonly MetricDataResults: readonly unknown[] } {
    return {
      MetricDataResults: input.MetricDataQueries.map(({ Id, Label, MetricStat }) => {
        if (MetricStat === undefined)
          throw new ServiceError("ValidationError", `${Id} is an expression, which is not modelled`);
        const { Metric, Period, Stat } = MetricStat;
        const periods = this.#periods(idOf(Metric), { ...input, Period });
        if (input.ScanBy !== "TimestampAscending") periods.reverse();
        return {
          Id,
          Label: Label ?? Metric.MetricName,
          Timestamps: periods.map(([at]) => at / 1_000),
          Values: periods.map(([, sketch]) => statisticOf(Stat)(sketch)),
          StatusCode: "Complete",
        };
      }),
    };
  }

  /** Creates or replaces an alarm; a replaced one keeps its state. */
  putMetricAlarm(input: AlarmInput): { readonly AlarmArn: string } {
    checkAlarm(input);
    statisticOf(input.Statistic ?? input.ExtendedStatistic ?? "none");
    const before = this.#alarms.get(input.AlarmName);
    const AlarmArn = `arn:aws:cloudwatch:${REGION}:${ACCOUNT_ID}:alarm:${input.AlarmName}`;
    this.#alarms.set(input.AlarmName, {
      ActionsEnabled: true,
      ...input,
      AlarmArn,
      StateValue: before?.StateValue ?? "INSUFFICIENT_DATA",
      StateReason: before?.StateReason ?? "Unchecked: Initial alarm creation",
      StateUpdatedTimestamp: before?.StateUpdatedTimestamp ?? this.#options.clock.now(),
    });
    return { AlarmArn };
  }

  deleteAlarms({ AlarmNames }: { readonly AlarmNames: readonly string[] }): void {
    for (const name of AlarmNames)
      if (!this.#alarms.delete(name)) throw new ServiceError("ResourceNotFound", `no alarm ${name}`, 404);
  }

  describeAlarms(
    input: {
      readonly AlarmNames?: readonly string[];
      readonly AlarmNamePrefix?: string;
      readonly StateValue?: AlarmState;
    } = {},
  ): { readonly MetricAlarms: readonly Alarm[] } {
    this.evaluate();
    const { AlarmNames, AlarmNamePrefix = "", StateValue } = input;
    return {
      MetricAlarms: [...this.#alarms.values()].filter(
        (alarm) =>
          (AlarmNames === undefined || AlarmNames.includes(alarm.AlarmName)) &&
          alarm.AlarmName.startsWith(AlarmNamePrefix) &&
          (StateValue === undefined || alarm.StateValue === StateValue),
      ),
    };
  }

  /** Until the next look at its metric, as on AWS. */
  setAlarmState(input: {
    readonly AlarmName: string;
    readonly StateValue: AlarmState;
    readonly StateReason: string;
  }): void {
    const alarm = this.#alarms.get(input.AlarmName);
    if (alarm === undefined) throw new ServiceError("ResourceNotFound", `no alarm ${input.AlarmName}`, 404);
    this.#enter(alarm, input.StateValue, input.StateReason);
  }

  /** Changes of state, oldest first. */
  history(): readonly AlarmTransition[] {
    return [...this.#history];
  }

  /** Looks at the metric of every alarm over its last whole periods. */
  evaluate(): void {
    for (const alarm of [...this.#alarms.values()]) {
      const points = this.#pointsOf(alarm);
      const state = stateAfter(alarm, points, alarm.StateValue);
      if (state === alarm.StateValue) continue;
      const seen = points.map((point) => point ?? "missing").join(", ");
      const { ComparisonOperator, Threshold } = alarm;
      this.#enter(alarm, state, `of the last periods [${seen}], ${ComparisonOperator} ${Threshold}`);
    }
  }

  #enter(alarm: Alarm, to: AlarmState, StateReason: string): void {
    const at = this.#options.clock.now();
    const entered = { ...alarm, StateValue: to, StateReason, StateUpdatedTimestamp: at };
    this.#alarms.set(alarm.AlarmName, entered);
    const transition = { alarm: entered, from: alarm.StateValue, to, at };
    this.#history.push(transition);
    if (this.#history.length > HISTORY) this.#history.shift();
    this.#options.onTransition?.(transition);
  }

  #pointsOf(alarm: Alarm): (number | undefined)[] {
    const { Period, EvaluationPeriods, Statistic, ExtendedStatistic } = alarm;
    const statistic = statisticOf(Statistic ?? ExtendedStatistic ?? "none");
    const id = idOf(alarm);
    const period = Period * 1_000;
    const end = Math.floor(this.#options.clock.now() / period) * period;
    const periods = EvaluationPeriods + EXTRA_PERIODS;
    return Array.from({ length: periods }, (_, i) => {
      const from = end - (periods - i) * period;
      const sketch = this.#metrics.between(id, from, from + period);
      return sketch && statistic(sketch);
    });
  }

  #periods(
    id: MetricId,
    range: { readonly StartTime: number; readonly EndTime: number; readonly Period: number },
  ): [at: number, sketch: Sketch][] {
    const period = range.Period * 1_000;
    if (!(period >= 60_000 && range.Period % 60 === 0))
      throw new ServiceError("InvalidParameterValue", "Period must be a multiple of 60");
    const found: [number, Sketch][] = [];
    const first = Math.floor((range.StartTime * 1_000) / period) * period;
    for (let at = first; at < range.EndTime * 1_000; at += period) {
      const sketch = this.#metrics.between(id, at, at + period);
      if (sketch !== undefined) found.push([at, sketch]);
    }
    return found;
  }
}

const dimensionsOf = (dimensions: readonly NamedDimension[] = []): Dimensions =>
  Object.fromEntries(dimensions.map(({ Name, Value = "" }) => [Name, Value]));

const idOf = ({ Namespace, MetricName, Dimensions }: MetricRef): MetricId => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: dimensionsOf(Dimensions),
});

const refOf = ({ namespace, name, dimensions }: MetricId): MetricRef => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

/** An alarm as SNS gets it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-sns.html */
export function notificationOf({ alarm, from, to, at }: AlarmTransition): string {
  const { AlarmName, AlarmDescription, AlarmArn, StateReason, Namespace, MetricName, Threshold } = alarm;
  return JSON.stringify({
    AlarmName,
    AlarmDescription: AlarmDescription ?? null,
    AWSAccountId: ACCOUNT_ID,
    NewStateValue: to,
    NewStateReason: StateReason,
    StateChangeTime: isoOf(at),
    Region: REGION,
    AlarmArn,
    OldStateValue: from,
    Trigger: { Namespace, MetricName, Threshold },
  });
}
