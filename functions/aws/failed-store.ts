import { type AttributeValue, type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { FailedStore } from "../../shared/protocol/savepoint/abandoned.ts";
import { batchWrite } from "./batch-write.ts";

/** Ids of failed events, and their removal. What a large payload left in S3 stays there. */
export function dynamoFailedStore(options: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): FailedStore {
  const { client, table } = options;
  return {
    async ids(pipeline) {
      const ids: string[] = [];
      let from: Record<string, AttributeValue> | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: "pk = :pk",
            ProjectionExpression: "sk",
            ExpressionAttributeValues: { ":pk": { S: pipeline } },
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        for (const { sk } of page.Items ?? []) if (sk?.S !== undefined) ids.push(sk.S);
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return ids;
    },
    remove: (pipeline, ids) =>
      batchWrite(
        client,
        table,
        ids.map((id) => ({ DeleteRequest: { Key: { pk: { S: pipeline }, sk: { S: id } } } })),
      ),
  };
}
