import { type Clients, createClients, destroyClients } from "../../functions/aws/clients.ts";
import { environmentOver } from "../../functions/aws/environment.ts";
import { dynamoFailedStore } from "../../functions/aws/failed-store.ts";
import { parquetLake } from "../../functions/aws/lake.ts";
import { columnsOf } from "../../functions/lake/columns.ts";
import type { Planned } from "../../shared/plan/planner.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import type { FailedStore } from "../../shared/protocol/savepoint/abandoned.ts";
import type { Place } from "./deployment.ts";

/** What a command reaches of a deployment. */
export type Reach = { readonly env: Environment; readonly failedStore: FailedStore };

/** Runs `run` with connections to a deployment, which end with it. */
export async function reaching<T>(
  { deployment, endpoint }: Place,
  planned: Planned | undefined,
  run: (reach: Reach) => Promise<T>,
): Promise<T> {
  const clients = createClients({
    isPatient: true,
    ...(endpoint === undefined ? {} : { endpoint, ...standIn() }),
  });
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
  { streams, epoch, ...names }: Place["deployment"],
  clients: Clients,
  planned: Planned | undefined,
): Reach {
  const stages = [...(planned?.stages.values() ?? [])];
  const columns = (sink: string) => stages.map((stage) => columnsOf(stage, sink)).find((found) => found);
  return {
    env: {
      ...environmentOver(clients, { ...names, nameOf: (id) => streams[id] ?? id }, (blobs) =>
        parquetLake({ blobs, columnsOf: columns }),
      ),
      codeVersion: "savepoint",
      epoch,
    },
    failedStore: dynamoFailedStore({ client: clients.dynamodb, table: names.failedTable }),
  };
}
