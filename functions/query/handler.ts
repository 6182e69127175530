import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { parser } from "@aws-lambda-powertools/parser/middleware";
import middy from "@middy/core";
import { app } from "#pipelines";
import { planApplication } from "../../shared/plan/planner.ts";
import { StateReader } from "../../shared/protocol/read-state.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { s3Blobs } from "../aws/blobs.ts";
import { createClients } from "../aws/clients.ts";
import { dynamoCommitLog } from "../aws/commit-log.ts";
import { dynamoFailedEventsReader } from "../aws/read-failed-events.ts";
import { dynamoViewReader } from "../aws/read-view.ts";
import { epochSetting, setting } from "../aws/settings.ts";
import { zstd } from "../aws/zstd.ts";
import { ProxyEvent } from "./request.ts";
import { createServe } from "./serve.ts";

const logger = new Logger();
const { dynamodb: client, s3 } = createClients();
const blobs = s3Blobs({ client: s3, bucket: setting("MILLRACE_BUCKET") });

const serve = createServe({
  planned: planApplication(app),
  readView: dynamoViewReader({ client, table: setting("MILLRACE_VIEWS_TABLE") }),
  readFailed: dynamoFailedEventsReader({ client, table: setting("MILLRACE_FAILED_TABLE"), blobs }),
  reader: new StateReader({
    log: dynamoCommitLog({ client, table: setting("MILLRACE_LOG_TABLE"), blobs, clock: systemClock }),
    blobs,
    compression: zstd,
    clock: systemClock,
    epoch: epochSetting(),
  }),
  logger,
});

/** `GET /v1/views/{view}`, `GET /v1/state/{pipeline}/{operator}/{key}` and `GET /v1/failed` */
export const handler: middy.MiddyfiedHandler<ProxyEvent> = middy<ProxyEvent>()
  .use(injectLambdaContext(logger))
  .use(parser({ schema: ProxyEvent }))
  .handler(serve);
