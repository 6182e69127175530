import { randomUUID } from "node:crypto";
import { s3Blobs } from "../../functions/aws/blobs.ts";
import { type Clients, createClients, destroyClients } from "../../functions/aws/clients.ts";
import { dynamoCommitLog } from "../../functions/aws/commit-log.ts";
import { dynamoFailedEvents } from "../../functions/aws/failed-events.ts";
import { dynamoFailedStore } from "../../functions/aws/failed-store.ts";
import { parquetLake } from "../../functions/aws/lake.ts";
import { kinesisStreams } from "../../functions/aws/streams.ts";
import { dynamoViews } from "../../functions/aws/views.ts";
import { zstd } from "../../functions/aws/zstd.ts";
import { columnsOf } from "../../functions/lake/columns.ts";
import type { Planned } from "../../shared/plan/planner.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import type { FailedStore } from "../../shared/protocol/savepoint/abandoned.ts";
import { systemClock } from "../../shared/time/clock.ts";
import type { Place } from "./deployment.ts";

/** What a command reaches of a deployment. */
export type Reach = { readonly env: Environment; readonly failedStore: FailedStore };

/** Runs `run` with connections to a deployment, which end with it. */
export async function reaching<T>(
  { deployment, endpoint }: Place,
  planned: Planned | undefined,
  run: (reach: Reach) => Promise<T>,
): Promise<T> {
  const clients = createClients({ ...(endpoint === undefined ? {} : { endpoint, ...standIn() }) });
  try {
    return await run(reachOf(deployment, clients, planned));
  } finally {
    destroyClients(clients);
  }
}

/** A local cloud and LocalStack take any key, and need one. */
const standIn = (): Parameters<typeof createClients>[0] => ({
  ...(process.env["AWS_REGION"] === undefined ? { region: "us-east-1" } : {}),
  ...(process.env["AWS_ACCESS_KEY_ID"] === undefined
    ? { credentials: { accessKeyId: "test", secretAccessKey: "test" } }
    : {}),
});

function reachOf(
  { bucket, logTable, viewsTable, failedTable, streams, epoch }: Place["deployment"],
  { dynamodb, kinesis, s3 }: Clients,
  planned: Planned | undefined,
): Reach {
  const clock = systemClock;
  const blobs = s3Blobs({ client: s3, bucket });
  const stages = [...(planned?.stages.values() ?? [])];
  const columns = (sink: string) => stages.map((stage) => columnsOf(stage, sink)).find((found) => found);
  return {
    env: {
      log: dynamoCommitLog({ client: dynamodb, table: logTable, blobs, clock }),
      blobs,
      streams: kinesisStreams({ client: kinesis, clock, nameOf: (id) => streams[id] ?? id }),
      views: dynamoViews({ client: dynamodb, table: viewsTable }),
      lake: parquetLake({ blobs, columnsOf: columns }),
      failedEvents: dynamoFailedEvents({ client: dynamodb, table: failedTable, blobs }),
      compression: zstd,
      clock,
      nonce: randomUUID,
      codeVersion: "savepoint",
      epoch,
    },
    failedStore: dynamoFailedStore({ client: dynamodb, table: failedTable }),
  };
}
