import { describe, expect, test } from "vitest";
import { denied, deploying } from "./deploying.ts";
import { allow, arn, BUCKET, lambda, mapping, policy, QUEUE, role, STREAM, waiting } from "./resources.ts";

const deployed = deploying();
const { deploy } = deployed;

const onFailure = (destination: unknown) => ({
  DestinationConfig: { OnFailure: { Destination: destination } },
});

const READ = [
  "kinesis:DescribeStream",
  "kinesis:DescribeStreamSummary",
  "kinesis:GetRecords",
  "kinesis:GetShardIterator",
  "kinesis:ListShards",
];

describe("a mapping is refused where the function's role", () => {
  test.each(READ)("lacks %s", async (missing) => {
    const rights = policy(
      allow(
        READ.filter((action) => action !== missing),
        arn("Words"),
      ),
    );
    const template = {
      ...STREAM,
      ...role(),
      ...rights,
      ...waiting(lambda(), "Rights"),
      ...mapping(arn("Words")),
    };
    await expect(deploy(template)).rejects.toThrow(
      denied(
        `Mapping (AWS::Lambda::EventSourceMapping).EventSourceArn asks for what the role "App-Role" may not do: ${missing} on arn:aws:kinesis:us-east-1:000000000000:stream/App-Words`,
      ),
    );
    expect(deployed.into.iam.refusals()).toEqual([expect.objectContaining({ action: missing })]);
  });

  test("may not subscribe to the shards of a consumer", async () => {
    const consumer = {
      Reader: {
        Type: "AWS::Kinesis::StreamConsumer",
        Properties: { ConsumerName: "reader", StreamARN: arn("Words") },
      },
    };
    const template = (...actions: readonly string[]) => ({
      ...STREAM,
      ...consumer,
      ...role(),
      ...policy(allow(READ, arn("Words")), allow(actions, { Ref: "Reader" })),
      ...waiting(lambda(), "Rights"),
      ...mapping({ Ref: "Reader" }),
    });
    await expect(deploy(template("kinesis:DescribeStreamConsumer"))).rejects.toThrow(
      denied(
        "kinesis:SubscribeToShard on arn:aws:kinesis:us-east-1:000000000000:stream/App-Words/consumer/reader:",
      ),
    );
    await deploy(template("kinesis:SubscribeToShard"));
  });

  test.each(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])(
    "lacks %s for a queue",
    async (missing) => {
      const all = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
      const rights = policy(
        allow(
          all.filter((action) => action !== missing),
          arn("Dead"),
        ),
      );
      const template = {
        ...QUEUE,
        ...role(),
        ...rights,
        ...waiting(lambda(), "Rights"),
        ...mapping(arn("Dead")),
      };
      await expect(deploy(template)).rejects.toThrow(denied(`${missing} on arn:aws:sqs:`));
    },
  );

  test("may not write where batches go that are given up", async () => {
    const template = (destination: string, ...more: readonly object[]) => ({
      ...STREAM,
      ...QUEUE,
      ...BUCKET,
      ...role(),
      ...policy(allow(READ, arn("Words")), ...more),
      ...waiting(lambda(), "Rights"),
      ...mapping(arn("Words"), onFailure(arn(destination))),
    });
    await expect(deploy(template("Dead"))).rejects.toThrow(
      denied("Mapping (AWS::Lambda::EventSourceMapping).DestinationConfig.OnFailure.Destination"),
    );
    await expect(deploy(template("Bodies", allow(["s3:PutObject"], "*")))).rejects.toThrow(
      denied("s3:ListBucket on arn:aws:s3:::app-bodies"),
    );
    await deploy(template("Dead", allow(["sqs:SendMessage"], arn("Dead"))));
  });

  test("gets its rights from a policy that is made only later, which is luck on AWS", async () => {
    const template = {
      ...STREAM,
      ...role(),
      ...lambda(),
      ...mapping(arn("Words")),
      ...policy(allow(READ, "*")),
    };
    await expect(deploy(template)).rejects.toThrow(denied("kinesis:GetRecords"));
  });
});

test.each(["AWSLambdaKinesisExecutionRole", "AWSLambdaSQSQueueExecutionRole"])(
  "AWS's own policy %s is enough for its source",
  async (name) => {
    const ManagedPolicyArns = [`arn:aws:iam::aws:policy/service-role/${name}`];
    const source = name.includes("SQS") ? "Dead" : "Words";
    await deploy({
      ...STREAM,
      ...QUEUE,
      ...role({ ManagedPolicyArns }),
      ...lambda(),
      ...mapping(arn(source)),
    });
    expect(deployed.into.sources).toHaveLength(1);
  },
);
