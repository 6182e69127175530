import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { logKey, readItem } from "../../functions/aws/log-item.ts";
import type { StagePlan } from "../../shared/plan/plan.ts";
import type { LogItem } from "../../shared/protocol/ports.ts";

/** What the newest log entry of a partition says beside its body. */
export type Head = Omit<LogItem, "body">;

/** The newest entry of each partition of a stage, in an epoch; undefined for one that has committed nothing. */
export const headsOf = (
  client: DynamoDBClient,
  table: string,
  { id: stage, partitions }: StagePlan,
  epoch = 0,
): Promise<(Head | undefined)[]> =>
  Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const { Items: [newest] = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk AND v > :none",
          ExpressionAttributeValues: {
            ":pk": { S: logKey({ stage, partition, epoch }) },
            ":none": { N: "0" },
          },
          ScanIndexForward: false,
          Limit: 1,
        }),
      );
      return newest && readItem(newest);
    }),
  );

/** A count of all partitions together. */
export const total = (heads: readonly (Head | undefined)[], name: string): number =>
  heads.reduce((sum, head) => sum + (head?.counts[name] ?? 0), 0);
