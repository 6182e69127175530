import { randomUUID } from "node:crypto";
import type { Environment } from "../../shared/protocol/environment.ts";
import type { Blobs, Lake } from "../../shared/protocol/ports.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { s3Blobs } from "./blobs.ts";
import { type Clients, createClients } from "./clients.ts";
import { dynamoCommitLog } from "./commit-log.ts";
import { dynamoFailedEvents } from "./failed-events.ts";
import { lookupsOver } from "./lookups/lookups.ts";
import { sdkCalls } from "./lookups/sdk-calls.ts";
import { epochSetting, lookupPlaces, setting, streamNames } from "./settings.ts";
import { kinesisStreams } from "./streams.ts";
import { dynamoViews } from "./views.ts";
import { zstd } from "./zstd.ts";

/** What a deployment's tables, bucket and streams are called. */
export type Resources = {
  readonly bucket: string;
  readonly logTable: string;
  readonly viewsTable: string;
  readonly failedTable: string;
  readonly nameOf: (stream: string) => string;
};

/** What a stage's function reaches, as its deployment says (environment variables `MILLRACE_…`). */
export function awsEnvironment(lakeOver: (blobs: Blobs) => Lake): Environment {
  const clients = createClients();
  const resources = {
    bucket: setting("MILLRACE_BUCKET"),
    logTable: setting("MILLRACE_LOG_TABLE"),
    viewsTable: setting("MILLRACE_VIEWS_TABLE"),
    failedTable: setting("MILLRACE_FAILED_TABLE"),
    nameOf: streamNames(),
  };
  return {
    ...environmentOver(clients, resources, lakeOver),
    lookups: lookupsOver(sdkCalls(clients), lookupPlaces()),
    codeVersion: setting("MILLRACE_CODE_VERSION"),
    epoch: epochSetting(),
  };
}

/** What is reached of a deployment with these clients, whoever asks. */
export function environmentOver(
  { dynamodb, kinesis, s3 }: Clients,
  { bucket, logTable, viewsTable, failedTable, nameOf }: Resources,
  lakeOver: (blobs: Blobs) => Lake,
): Omit<Environment, "codeVersion" | "epoch"> {
  const clock = systemClock;
  const blobs = s3Blobs({ client: s3, bucket });
  return {
    log: dynamoCommitLog({ client: dynamodb, table: logTable, blobs, clock }),
    blobs,
    streams: kinesisStreams({ client: kinesis, clock, nameOf }),
    views: dynamoViews({ client: dynamodb, table: viewsTable }),
    lake: lakeOver(blobs),
    failedEvents: dynamoFailedEvents({ client: dynamodb, table: failedTable, blobs }),
    compression: zstd,
    clock,
    nonce: randomUUID,
  };
}
