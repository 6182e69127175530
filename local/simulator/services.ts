import type { LookupPlaces } from "../../functions/aws/lookups/lookup-calls.ts";
import type { LookupPlan, Plan } from "../../shared/plan/plan.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { Item } from "../models/dynamodb/attribute-value.ts";
import { DynamoDbModel } from "../models/dynamodb/dynamodb-model.ts";
import type { ServiceFaults } from "../models/faults.ts";
import { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import { S3Model } from "../models/s3/s3-model.ts";

/** The services that a deployed application uses, in memory. */
export type Services = {
  readonly kinesis: KinesisModel;
  readonly dynamodb: DynamoDbModel;
  readonly s3: S3Model;
};

export const LOG_TABLE = "log";
export const VIEWS_TABLE = "views";
export const FAILED_TABLE = "failed";
export const BUCKET = "millrace";

/** A table outside, and a file. */
export const lookupTable = (name: string): string => `lookup-${name}`;
export const lookupKey = (name: string): string => `lookups/${name}`;

export const lookupPlaces = (tables: readonly Pick<LookupPlan, "name" | "store">[]): LookupPlaces =>
  Object.fromEntries(
    tables.map(({ name, store }) => [
      name,
      store === "s3" ? { bucket: BUCKET, key: lookupKey(name) } : { table: lookupTable(name) },
    ]),
  );

/** Virtual time may pass as it likes: nothing is lost to it. */
const RETENTION_HOURS = 8_760;

/** Makes the services with the tables, the bucket and the streams of a plan, each stream with one shard. */
export function createServices(plan: Plan, clock: Clock, faults?: ServiceFaults): Services {
  const options = { clock, ...(faults === undefined ? {} : { faults }) };
  const kinesis = new KinesisModel({ ...options, limits: "off" });
  const dynamodb = new DynamoDbModel(options);
  const s3 = new S3Model(options);
  s3.createBucket({ Bucket: BUCKET });
  createTable(dynamodb, LOG_TABLE, "v", "N");
  createTable(dynamodb, VIEWS_TABLE, "sk", "S");
  createTable(dynamodb, FAILED_TABLE, "sk", "S");
  for (const { id } of streamsOf(plan))
    kinesis.createStream({ StreamName: id, ShardCount: 1, RetentionPeriodHours: RETENTION_HOURS });
  return { kinesis, dynamodb, s3 };
}

/** A Kinesis stream of a deployment. */
export type PlannedStream = { readonly id: string; readonly partitions: number };

/** The streams of events, and one for each stage that is fed by others, under its name. */
export const streamsOf = (plan: Plan): PlannedStream[] => [
  ...plan.streams,
  ...plan.pipelines.flatMap(({ stages }) => stages.filter(({ input }) => input.kind === "internal")),
];

function createTable(dynamodb: DynamoDbModel, TableName: string, sort: string, type: "S" | "N"): void {
  dynamodb.createTable({
    TableName,
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: sort, KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: sort, AttributeType: type },
    ],
  });
}

/** What a deployment shows to the world: rows of views, files of the lake and failed events, by name, as text. */
export function contentsOf({ dynamodb, s3 }: Services): Map<string, string> {
  const contents = new Map<string, string>();
  for (const TableName of [VIEWS_TABLE, FAILED_TABLE]) {
    let from: Item | undefined;
    do {
      const page = dynamodb.scan({ TableName, ...(from === undefined ? {} : { ExclusiveStartKey: from }) });
      for (const item of page.Items ?? [])
        contents.set(`${TableName} ${JSON.stringify([item["pk"], item["sk"]])}`, JSON.stringify(item));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  }
  for (const prefix of ["lake/", "failed/"])
    for (const key of keysUnder(s3, prefix))
      contents.set(key, new TextDecoder().decode(s3.getObject({ Bucket: BUCKET, Key: key }).Body));
  return contents;
}

/** The keys of all objects under a prefix. */
export function keysUnder(s3: S3Model, Prefix: string): string[] {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = s3.listObjectsV2({ Bucket: BUCKET, Prefix, ContinuationToken: token });
    for (const { Key } of page.Contents) keys.push(Key);
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}
