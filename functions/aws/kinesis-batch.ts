import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import middy from "@middy/core";
import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { type BatchOutcome, StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";

export type KinesisHandler = (
  event: KinesisStreamEvent,
  context: never,
) => Promise<KinesisStreamBatchResponse>;

/** A stage's loop behind an event source mapping: from the first failed record on, records come again. */
export function kinesisHandler(stage: Stage, env: Environment): KinesisHandler {
  const loop = new StageLoop(stage, env);
  const logger = new Logger({ persistentLogAttributes: { stage: stage.id } });
  const metrics = new Metrics({ defaultDimensions: { stage: stage.id } });
  const run = async ({ Records }: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    const outcome = await loop.run(Records.map(inRecord));
    report(outcome, Records.length, logger, metrics);
    return {
      batchItemFailures: outcome.firstFailed === undefined ? [] : [{ itemIdentifier: outcome.firstFailed }],
    };
  };
  return middy(run).use(injectLambdaContext(logger)) as unknown as KinesisHandler;
}

function report(
  { firstFailed, causes }: BatchOutcome,
  records: number,
  logger: Logger,
  metrics: Metrics,
): void {
  metrics.addMetric("RecordsReceived", MetricUnit.Count, records);
  metrics.addMetric("BatchesStopped", MetricUnit.Count, firstFailed === undefined ? 0 : 1);
  metrics.publishStoredMetrics();
  for (const cause of causes) {
    const next = cause instanceof MillraceError ? cause.next : "retried";
    logger.error(`the batch stopped at record ${firstFailed}; it is ${next}`, { cause });
  }
}

/** `eventID` is `<shard id>:<sequence number>`; the sequence number alone is told apart only within its shard. */
function inRecord({ eventID, kinesis }: KinesisStreamRecord): InRecord {
  return {
    shard: eventID.slice(0, eventID.indexOf(":")),
    sequence: kinesis.sequenceNumber,
    partitionKey: kinesis.partitionKey,
    arrivedAt: epochMs(Math.round(kinesis.approximateArrivalTimestamp * 1_000)),
    data: Buffer.from(kinesis.data, "base64"),
  };
}
