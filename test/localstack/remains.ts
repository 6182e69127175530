import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import type { AllClients } from "./stack.ts";

/** What there is of a stack, by the names of its resources. */
export async function remainsOf(
  { dynamodb, kinesis, s3, sqs }: AllClients,
  stack: string,
): Promise<Readonly<Record<"tables" | "streams" | "buckets" | "queues", readonly string[]>>> {
  const ofStack = (names: readonly (string | undefined)[] = []): string[] =>
    names.filter((name) => name?.includes(`${stack}-`)).sort() as string[];
  const [tables, streams, buckets, queues] = await Promise.all([
    dynamodb.send(new ListTablesCommand()),
    kinesis.send(new ListStreamsCommand({ Limit: 1_000 })),
    s3.send(new ListBucketsCommand()),
    sqs.send(new ListQueuesCommand()),
  ]);
  return {
    tables: ofStack(tables.TableNames),
    streams: ofStack(streams.StreamNames),
    buckets: ofStack(buckets.Buckets?.map(({ Name }) => Name)),
    queues: ofStack(queues.QueueUrls),
  };
}
