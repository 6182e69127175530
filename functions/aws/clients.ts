import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";

export type Clients = {
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  readonly s3: S3Client;
};

export type ClientOptions = {
  /** Where the services are. @default AWS_ENDPOINT_URL, else AWS itself */
  readonly endpoint?: string;
  /** @default AWS_REGION */
  readonly region?: string;
  /** @default the SDK's own chain: in a Lambda, its role */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** For a person's command, whose services may be far away and busy. @default as a function needs it, whose time is short */
  readonly isPatient?: boolean;
};

/**
 * A call that a service has not answered by then is tried again; the slowest, a PUT of a snapshot, needs about 1 s. A
 * partition's loop asks again on its own, so that a throttled call need not wait long inside the SDK.
 */
const IN_A_FUNCTION = { connectionTimeout: 1_000, requestTimeout: 6_000, maxAttempts: 4 };
const FOR_A_PERSON = { connectionTimeout: 10_000, requestTimeout: 60_000, maxAttempts: 8 };

/** Creates the clients, once per cold start: connections and credentials are then shared by all that follows. */
export function createClients(options: ClientOptions = {}): Clients {
  const env: { readonly AWS_ENDPOINT_URL?: string } = process.env;
  const endpoint = options.endpoint ?? env.AWS_ENDPOINT_URL;
  const { maxAttempts, ...timeouts } = options.isPatient ? FOR_A_PERSON : IN_A_FUNCTION;
  const config = () => ({
    maxAttempts,
    // one handler a client: a client that is destroyed closes its handler. Kinesis would take HTTP/2 by default,
    // whose one connection is no faster here and which stand-ins do not speak.
    requestHandler: new NodeHttpHandler({
      ...timeouts,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  return {
    dynamodb: new DynamoDBClient(config()),
    kinesis: new KinesisClient(config()),
    // a stand-in serves its buckets under paths: no wildcard DNS leads to 127.0.0.1
    s3: new S3Client({ ...config(), forcePathStyle: endpoint !== undefined }),
  };
}

/** Closes idle connections, for a process that is to end. */
export function destroyClients(clients: Clients): void {
  clients.dynamodb.destroy();
  clients.kinesis.destroy();
  clients.s3.destroy();
}
