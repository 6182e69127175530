import { randomUUID } from "node:crypto";
import type { Environment } from "../../shared/protocol/environment.ts";
import type { Blobs, Lake } from "../../shared/protocol/ports.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { s3Blobs } from "./blobs.ts";
import { createClients } from "./clients.ts";
import { dynamoCommitLog } from "./commit-log.ts";
import { dynamoFailedEvents } from "./failed-events.ts";
import { lookupsOver } from "./lookups/lookups.ts";
import { sdkCalls } from "./lookups/sdk-calls.ts";
import { epochSetting, lookupPlaces, setting, streamNames } from "./settings.ts";
import { kinesisStreams } from "./streams.ts";
import { dynamoViews } from "./views.ts";
import { zstd } from "./zstd.ts";

/** What a stage's function reaches, as its deployment says (environment variables `MILLRACE_…`). */
export function awsEnvironment(lakeOver: (blobs: Blobs) => Lake): Environment {
  const { dynamodb, kinesis, s3 } = createClients();
  const blobs = s3Blobs({ client: s3, bucket: setting("MILLRACE_BUCKET") });
  return {
    log: dynamoCommitLog({
      client: dynamodb,
      table: setting("MILLRACE_LOG_TABLE"),
      blobs,
      clock: systemClock,
    }),
    blobs,
    streams: kinesisStreams({ client: kinesis, clock: systemClock, nameOf: streamNames() }),
    views: dynamoViews({ client: dynamodb, table: setting("MILLRACE_VIEWS_TABLE") }),
    lake: lakeOver(blobs),
    failedEvents: dynamoFailedEvents({ client: dynamodb, table: setting("MILLRACE_FAILED_TABLE"), blobs }),
    lookups: lookupsOver(sdkCalls({ dynamodb, s3 }), lookupPlaces()),
    compression: zstd,
    clock: systemClock,
    nonce: randomUUID,
    codeVersion: setting("MILLRACE_CODE_VERSION"),
    epoch: epochSetting(),
  };
}
