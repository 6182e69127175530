import { logKey, readItem, type StoredItem } from "../../functions/aws/log-item.ts";
import type { StagePlan } from "../../shared/plan/plan.ts";
import type { LogItem } from "../../shared/protocol/ports.ts";
import type { DynamoDbModel } from "../models/dynamodb/dynamodb-model.ts";

/** How far one partition of a stage has come; without an entry it has not begun. */
export type PartitionState = {
  readonly stage: string;
  readonly partition: number;
  readonly last: Omit<LogItem, "body"> | undefined;
};

/** The newest log entry of each partition of the stages, read past the API: it costs no request. */
export const lastEntries = (
  dynamodb: DynamoDbModel,
  logTable: string,
  stages: readonly Pick<StagePlan, "id" | "partitions">[],
  epoch: number,
): PartitionState[] =>
  stages.flatMap(({ id: stage, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => {
      const { Items = [] } = dynamodb.query({
        TableName: logTable,
        KeyConditionExpression: "pk = :pk AND v > :v",
        ExpressionAttributeValues: {
          ":pk": { S: logKey({ stage, partition, epoch }) },
          ":v": { N: "0" },
        },
        ScanIndexForward: false,
        Limit: 1,
      });
      const [newest] = Items;
      return { stage, partition, last: newest && readItem(newest as StoredItem) };
    }),
  );
