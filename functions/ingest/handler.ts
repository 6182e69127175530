import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { parser } from "@aws-lambda-powertools/parser/middleware";
import middy from "@middy/core";
import { app } from "#pipelines";
import { systemClock } from "../../shared/time/clock.ts";
import { plus, seconds } from "../../shared/time/time.ts";
import { createClients } from "../aws/clients.ts";
import { IdempotencyStore } from "../aws/idempotency-store.ts";
import { setting, streamNames } from "../aws/settings.ts";
import { kinesisStreams } from "../aws/streams.ts";
import { zstd } from "../aws/zstd.ts";
import { limitsFrom } from "./limits-of.ts";
import { createObserver } from "./observe.ts";
import { createOnce } from "./once.ts";
import { ProxyEvent } from "./request.ts";
import { createServe } from "./serve.ts";
import { sourceOf } from "./source.ts";

const clock = systemClock;
const logger = new Logger();
const { kinesis, dynamodb } = createClients();
const limitsOf = limitsFrom(process.env);
const streams = kinesisStreams({
  client: kinesis,
  clock,
  nameOf: streamNames(),
  // the gateway gives up after 29 s, and the client shall learn what was not placed
  deadline: () => plus(clock.now(), seconds(10)),
});
const store = new IdempotencyStore({
  client: dynamodb,
  table: setting("MILLRACE_IDEMPOTENCY_TABLE"),
  clock,
});

const serve = createServe({
  sources: new Map(app.streams.map((stream) => [stream.id, sourceOf(stream, limitsOf(stream.id))])),
  ports: { streams, compression: zstd, clock },
  once: createOnce(store),
  observer: createObserver(logger, new Metrics()),
  logger,
});

/** `POST /v1/streams/{stream}/events` */
export const handler: middy.MiddyfiedHandler<ProxyEvent> = middy<ProxyEvent>()
  .use(injectLambdaContext(logger))
  .use(parser({ schema: ProxyEvent }))
  .handler(serve);
