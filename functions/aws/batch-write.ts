import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { backOff } from "./backoff.ts";

/** DynamoDB's own limit. */
const ITEMS_PER_CALL = 25;
/** Calls in a row that placed nothing, before the caller is told. */
const MAX_ATTEMPTS = 8;

/**
 * Writes items, each of another key, in the given order but for what DynamoDB left unprocessed, which is tried again.
 * @throws MillraceError `WRITE_THROTTLED` where DynamoDB takes nothing for several seconds
 */
export async function batchWrite(
  client: DynamoDBClient,
  table: string,
  requests: readonly WriteRequest[],
): Promise<void> {
  let left = [...requests];
  for (let attempt = 0; left.length > 0; ) {
    const batch = left.slice(0, ITEMS_PER_CALL);
    const { UnprocessedItems } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: batch } }),
    );
    const unprocessed = UnprocessedItems?.[table] ?? [];
    left = [...unprocessed, ...left.slice(ITEMS_PER_CALL)];
    if (unprocessed.length === 0) continue;
    attempt = unprocessed.length < batch.length ? 1 : attempt + 1;
    if (attempt === MAX_ATTEMPTS)
      throw new MillraceError("WRITE_THROTTLED", `table "${table}": ${left.length} items were not taken`, {
        next: "retried",
      });
    await backOff(attempt);
  }
}
