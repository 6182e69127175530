import type { ServerResponse } from "node:http";
import type { Clock } from "../../shared/time/clock.ts";
import type { LogLine } from "../lambda/function-logs.ts";
import type { Execution } from "../lambda/lambda-options.ts";
import {
  type AlarmTransition,
  CloudWatchModel,
  notificationOf,
} from "../models/cloudwatch/cloudwatch-model.ts";
import { embeddedMetrics } from "../models/cloudwatch/embedded-metrics.ts";
import type { Sample } from "../models/cloudwatch/metric-store.ts";
import { LogsModel } from "../models/logs/logs-model.ts";
import { SnsModel } from "../models/sns/sns-model.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";

/** Alarms are looked at so often, in milliseconds; their metrics have a resolution of a minute. */
const LOOK_EVERY_MS = 10_000;

export type ObservabilityOptions = {
  readonly clock: Clock;
  readonly sqs: SqsModel;
  /** The log group that a function names for its lines. */
  readonly logGroupOf: (functionName: string) => string | undefined;
};

/** What can be looked up at 3 a.m.: logs, metrics, alarms, and who was told. */
export class Observability {
  readonly cloudwatch: CloudWatchModel;
  readonly logs: LogsModel;
  readonly sns: SnsModel;
  readonly #options: ObservabilityOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: ObservabilityOptions) {
    const { clock } = options;
    this.#options = options;
    this.logs = new LogsModel({ clock });
    this.sns = new SnsModel({ clock });
    this.cloudwatch = new CloudWatchModel({ clock, onTransition: (transition) => this.#tell(transition) });
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  /** Reads the gauges and looks at the alarms. It does so by itself every ten seconds. */
  look(): void {
    this.cloudwatch.record(queueGauges(this.#options.sqs, this.#options.clock));
    this.cloudwatch.evaluate();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** A line that a function wrote, with the metrics that it may carry. */
  onLine({ functionName, line, logStream }: LogLine): void {
    const group = this.#options.logGroupOf(functionName) ?? `/aws/lambda/${functionName}`;
    this.logs.append(group, logStream, line);
    this.cloudwatch.record(embeddedMetrics(line));
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  onExecution({ functionName, at, duration, outcome }: Execution): void {
    const of = { namespace: "AWS/Lambda", dimensions: { FunctionName: functionName }, at };
    const count = (name: string, value: number): Sample => ({ ...of, name, value, unit: "Count" });
    this.cloudwatch.record(
      outcome === "throttle"
        ? [count("Throttles", 1)]
        : [
            count("Invocations", 1),
            count("Errors", outcome === "error" ? 1 : 0),
            count("Throttles", 0),
            { ...of, name: "Duration", value: duration, unit: "Milliseconds" },
          ],
    );
  }

  /** The age of the newest record of a batch when its function gets it. */
  onBatch(functionName: string, iteratorAgeMs: number): void {
    const dimensions = { FunctionName: functionName };
    const at = this.#options.clock.now();
    this.cloudwatch.record([
      {
        namespace: "AWS/Lambda",
        name: "IteratorAge",
        dimensions,
        at,
        value: iteratorAgeMs,
        unit: "Milliseconds",
      },
    ]);
  }

  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html */
  onRequest(apiName: string, response: ServerResponse): void {
    const at = this.#options.clock.now();
    response.once("close", () => {
      const status = response.statusCode;
      const of = { namespace: "AWS/ApiGateway", dimensions: { ApiName: apiName }, at };
      this.cloudwatch.record([
        { ...of, name: "Count", value: 1, unit: "Count" },
        { ...of, name: "4XXError", value: status >= 400 && status < 500 ? 1 : 0, unit: "Count" },
        { ...of, name: "5XXError", value: status >= 500 ? 1 : 0, unit: "Count" },
        { ...of, name: "Latency", value: this.#options.clock.now() - at, unit: "Milliseconds" },
      ]);
    });
  }

  #tell(transition: AlarmTransition): void {
    const { alarm, to } = transition;
    const actions = {
      ALARM: alarm.AlarmActions,
      OK: alarm.OKActions,
      INSUFFICIENT_DATA: alarm.InsufficientDataActions,
    };
    if (alarm.ActionsEnabled === false) return;
    for (const arn of actions[to] ?? [])
      if (arn.startsWith("arn:aws:sns:"))
        this.sns.publish(
          arn,
          notificationOf(transition),
          `${to}: "${alarm.AlarmName}" in US East (N. Virginia)`,
        );
  }
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
function queueGauges(sqs: SqsModel, clock: Clock): Sample[] {
  const at = clock.now();
  return sqs.listQueues().QueueUrls.flatMap((QueueUrl) => {
    const { Attributes } = sqs.getQueueAttributes({ QueueUrl });
    const dimensions = { QueueName: QueueUrl.slice(QueueUrl.lastIndexOf("/") + 1) };
    const gauge = (name: string, attribute: string): Sample => ({
      namespace: "AWS/SQS",
      name,
      dimensions,
      at,
      value: Number(Attributes[attribute] ?? 0),
      unit: "Count",
    });
    return [
      gauge("ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessages"),
      gauge("ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesNotVisible"),
    ];
  });
}
