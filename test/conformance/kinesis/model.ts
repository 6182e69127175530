import { startServiceServer } from "../../../local/http/service-server.ts";
import { DynamoDbModel } from "../../../local/models/dynamodb/dynamodb-model.ts";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { S3Model } from "../../../local/models/s3/s3-model.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import type { Party } from "../harness/case.ts";
import { type Kinesis, kinesisAt } from "./client.ts";
import { SHARD_LIMIT, TRANSITION } from "./conditions.ts";

/** The model behind the local cloud's own HTTP server. */
export async function startModel(): Promise<Party<Kinesis>> {
  const clock = systemClock;
  const server = await startServiceServer({
    clock,
    port: 0,
    kinesis: new KinesisModel({ clock, transition: TRANSITION, shardLimit: SHARD_LIMIT }),
    dynamodb: new DynamoDbModel({ clock }),
    s3: new S3Model({ clock }),
    sqs: new SqsModel({ clock }),
  });
  return { client: kinesisAt(server.url), close: () => server.close() };
}
