import { startServiceServer } from "../../../local/http/service-server.ts";
import { DynamoDbModel } from "../../../local/models/dynamodb/dynamodb-model.ts";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { S3Model } from "../../../local/models/s3/s3-model.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import type { Party } from "../harness/case.ts";
import { type Sqs, sqsAt } from "./client.ts";

/** The model behind the local cloud's own HTTP server. */
export async function startModel(): Promise<Party<Sqs>> {
  const clock = systemClock;
  const server = await startServiceServer({
    clock,
    port: 0,
    kinesis: new KinesisModel({ clock }),
    dynamodb: new DynamoDbModel({ clock }),
    s3: new S3Model({ clock }),
    sqs: new SqsModel({ clock }),
  });
  return { client: sqsAt(server.url), close: () => server.close() };
}
