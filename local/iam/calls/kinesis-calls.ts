import { arnOf, nameInArn } from "../../models/arn.ts";
import type { Ask } from "../iam.ts";
import type { ServiceCalls } from "./call.ts";

type StreamInput = { readonly StreamName?: string | null; readonly StreamARN?: string | null };
type ConsumerInput = StreamInput & {
  readonly ConsumerARN?: string | null;
  readonly ConsumerName?: string | null;
};

const namedStream = (name: unknown): string => arnOf("kinesis", `stream/${name}`);

/** The stream that the model would take: a name wins over an ARN, of which the name counts. */
const streamOf = ({ StreamName, StreamARN }: StreamInput): string =>
  namedStream(StreamName ?? nameInArn(String(StreamARN)));

const ask = (action: string, resource: string): readonly Ask[] => [{ action: `kinesis:${action}`, resource }];

const onStream = (action: string) => (input: StreamInput) => ask(action, streamOf(input));
const onConsumer = (action: string) => (input: ConsumerInput) =>
  ask(action, input.ConsumerARN ?? `${streamOf(input)}/consumer/${input.ConsumerName}`);
const onAll = (action: string) => () => ask(action, "*");

/** What base64 stands for; the texts that the model hands out to be handed in again are that. */
const decoded = (text: unknown): string => Buffer.from(String(text), "base64").toString();

/** Source: "Actions, resources, and condition keys for Amazon Kinesis Data Streams", Service Authorization Reference. */
export const KINESIS_CALLS: ServiceCalls = {
  CreateStream: onStream("CreateStream"),
  DeleteStream: onStream("DeleteStream"),
  DescribeLimits: onAll("DescribeLimits"),
  DescribeStream: onStream("DescribeStream"),
  DescribeStreamSummary: onStream("DescribeStreamSummary"),
  ListStreams: onAll("ListStreams"),
  ListShards: (input: StreamInput & { readonly NextToken?: string | null }) => {
    // a token stands for the stream that its first page was of
    const [, stream] =
      input.NextToken == null ? [] : (/"stream":"([^"]*)"/.exec(decoded(input.NextToken)) ?? []);
    return ask("ListShards", stream === undefined ? streamOf(input) : namedStream(stream));
  },
  PutRecord: onStream("PutRecord"),
  PutRecords: onStream("PutRecords"),
  GetShardIterator: onStream("GetShardIterator"),
  // an iterator reads the stream that it was made for, whatever the call says beside it
  GetRecords: ({ ShardIterator }: { readonly ShardIterator?: string }) =>
    ask("GetRecords", namedStream(decoded(ShardIterator).split(" ")[0])),
  SplitShard: onStream("SplitShard"),
  MergeShards: onStream("MergeShards"),
  UpdateShardCount: onStream("UpdateShardCount"),
  UpdateStreamMode: onStream("UpdateStreamMode"),
  UpdateMaxRecordSize: onStream("UpdateMaxRecordSize"),
  IncreaseStreamRetentionPeriod: onStream("IncreaseStreamRetentionPeriod"),
  DecreaseStreamRetentionPeriod: onStream("DecreaseStreamRetentionPeriod"),
  RegisterStreamConsumer: onStream("RegisterStreamConsumer"),
  DescribeStreamConsumer: onConsumer("DescribeStreamConsumer"),
  DeregisterStreamConsumer: onConsumer("DeregisterStreamConsumer"),
  ListStreamConsumers: onStream("ListStreamConsumers"),
};
