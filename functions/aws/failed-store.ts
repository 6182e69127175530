import { type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
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
      const query = {
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        ProjectionExpression: "sk",
        ExpressionAttributeValues: { ":pk": { S: pipeline } },
      };
      for await (const { Items = [] } of paginateQuery({ client }, query))
        for (const { sk } of Items) if (sk?.S !== undefined) ids.push(sk.S);
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
