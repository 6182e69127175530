import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { ScheduledEvent } from "aws-lambda";
import { app } from "#pipelines";
import { planApplication } from "../../shared/plan/planner.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { createClients } from "../aws/clients.ts";
import { dynamoHeadReader } from "../aws/heads.ts";
import { epochSetting, setting, streamNames } from "../aws/settings.ts";
import { kinesisStreams } from "../aws/streams.ts";
import { zstd } from "../aws/zstd.ts";
import { sendTicks } from "./send-ticks.ts";

const logger = new Logger();
const metrics = new Metrics();
const { dynamodb, kinesis } = createClients();
const { stages } = planApplication(app);
const ports = {
  readHead: dynamoHeadReader({ client: dynamodb, table: setting("MILLRACE_LOG_TABLE") }),
  streams: kinesisStreams({ client: kinesis, clock: systemClock, nameOf: streamNames() }),
  compression: zstd,
  clock: systemClock,
  epoch: epochSetting(),
};

/** Runs on a schedule and sends ticks where they are waited for. */
export const handler: middy.MiddyfiedHandler<ScheduledEvent> = middy<ScheduledEvent>()
  .use(injectLambdaContext(logger, { flushBufferOnUncaughtError: true }))
  .use(logMetrics(metrics))
  .handler(async () => {
    metrics.addMetric("TicksSent", MetricUnit.Count, await sendTicks(stages, ports));
  });
