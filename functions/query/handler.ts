import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { parser } from "@aws-lambda-powertools/parser/middleware";
import middy from "@middy/core";
import { app } from "#pipelines";
import { planApplication } from "../../shared/plan/planner.ts";
import { s3Blobs } from "../aws/blobs.ts";
import { createClients } from "../aws/clients.ts";
import { dynamoFailedEventsReader } from "../aws/read-failed-events.ts";
import { dynamoViewReader } from "../aws/read-view.ts";
import { setting } from "../aws/settings.ts";
import { ProxyEvent } from "./request.ts";
import { createServe } from "./serve.ts";

const logger = new Logger();
const { dynamodb: client, s3 } = createClients();
const blobs = s3Blobs({ client: s3, bucket: setting("MILLRACE_BUCKET") });

const serve = createServe({
  plan: planApplication(app).plan,
  readView: dynamoViewReader({ client, table: setting("MILLRACE_VIEWS_TABLE") }),
  readFailed: dynamoFailedEventsReader({ client, table: setting("MILLRACE_FAILED_TABLE"), blobs }),
  logger,
});

/** `GET /v1/views/{view}` and `GET /v1/failed` */
export const handler: middy.MiddyfiedHandler<ProxyEvent> = middy<ProxyEvent>()
  .use(injectLambdaContext(logger))
  .use(parser({ schema: ProxyEvent }))
  .handler(serve);
