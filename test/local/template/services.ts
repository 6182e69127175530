import { ApiGateway } from "../../../local/api-gateway/api-gateway.ts";
import { Iam } from "../../../local/iam/iam.ts";
import { LambdaService } from "../../../local/lambda/lambda-service.ts";
import { CloudWatchModel } from "../../../local/models/cloudwatch/cloudwatch-model.ts";
import { DynamoDbModel } from "../../../local/models/dynamodb/dynamodb-model.ts";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { LogsModel } from "../../../local/models/logs/logs-model.ts";
import { S3Model } from "../../../local/models/s3/s3-model.ts";
import { SnsModel } from "../../../local/models/sns/sns-model.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import type { Services } from "../../../local/template/resource-kind.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { milliseconds } from "../../../shared/time/time.ts";

/** Services in which nothing is yet. */
export function services(): Services {
  const clock = systemClock;
  const lambda = new LambdaService({ endpoint: "http://127.0.0.1:1", region: "us-east-1", clock });
  return {
    kinesis: new KinesisModel({ clock }),
    dynamodb: new DynamoDbModel({ clock }),
    s3: new S3Model({ clock }),
    sqs: new SqsModel({ clock }),
    sns: new SnsModel({ clock }),
    logs: new LogsModel({ clock }),
    cloudwatch: new CloudWatchModel({ clock }),
    lambda,
    iam: new Iam({ clock }),
    gateway: new ApiGateway({ clock, invoke: (functionArn, payload) => lambda.invoke(functionArn, payload) }),
    sources: [],
    clock,
    scheduleEvery: undefined,
    batches: { window: milliseconds(Number.POSITIVE_INFINITY), records: Number.POSITIVE_INFINITY },
    childrenWaitForParents: true,
  };
}
