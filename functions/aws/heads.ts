import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { LogItem, PartitionId } from "../../shared/protocol/ports.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { logKey, textIn } from "./log-item.ts";

/** What the last entry of a partition's log says of time, without its body. */
export type Head = Pick<LogItem, "watermark" | "nextTimer" | "nextProcessingTimer" | "owes">;

/** Undefined for a partition that has committed nothing yet. */
export type HeadReader = (id: PartitionId) => Promise<Head | undefined>;

/**
 * Reads heads of partitions' commit logs. The read is eventually consistent, at half the price: whoever asks
 * must not mind to learn of the newest entry a moment late.
 */
export function dynamoHeadReader(options: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): HeadReader {
  return async (id) => {
    const { Items = [] } = await options.client.send(
      new QueryCommand({
        TableName: options.table,
        // before the entries stands the pointer to the newest snapshot
        KeyConditionExpression: "pk = :pk AND v >= :first",
        ExpressionAttributeValues: { ":pk": { S: logKey(id) }, ":first": { N: "0" } },
        ProjectionExpression: "pk, v, watermark, nextTimer, nextProcessingTimer, owes",
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    const [last] = Items;
    if (last === undefined) return undefined;
    const { nextTimer, nextProcessingTimer, owes } = last;
    return {
      watermark: Number(textIn(last, "watermark")) as EpochMs,
      nextTimer: nextTimer?.S === undefined ? undefined : (Number(nextTimer.S) as EpochMs),
      ...(nextProcessingTimer?.S === undefined
        ? {}
        : { nextProcessingTimer: Number(nextProcessingTimer.S) as EpochMs }),
      owes: owes?.BOOL === true,
    };
  };
}
