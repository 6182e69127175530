import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { backOff } from "../backoff.ts";
import { codeOf, statusOf } from "../service-errors.ts";
import { tooLarge } from "./file-content.ts";
import { type LookupCalls, queryInput } from "./lookup-calls.ts";
import type { StoredItem } from "./plain-item.ts";

type SdkItem = Record<string, AttributeValue>;

/** The calls of lookups by AWS SDK clients. */
export const sdkCalls = ({
  dynamodb,
  s3,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
}): LookupCalls => ({
  async batchGetItem(table, keys) {
    const { Responses, UnprocessedKeys } = await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys as unknown as SdkItem[] } } }),
    );
    return {
      items: (Responses?.[table] ?? []) as unknown as StoredItem[],
      unprocessed: (UnprocessedKeys?.[table]?.Keys ?? []) as unknown as StoredItem[],
    };
  },

  async query(query) {
    const { Items, LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand(queryInput(query) as unknown as QueryCommandInput),
    );
    return {
      items: (Items ?? []) as unknown as StoredItem[],
      after: LastEvaluatedKey as unknown as StoredItem | undefined,
    };
  },

  async getObject({ bucket, key }, etag, mostBytes) {
    try {
      const { Body, ETag, ContentLength } = await s3.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(etag === undefined ? {} : { IfNoneMatch: etag }),
        }),
      );
      if ((ContentLength ?? 0) > mostBytes) {
        await Body?.transformToWebStream().cancel();
        throw tooLarge(`it has ${ContentLength} bytes`, mostBytes);
      }
      return { etag: ETag ?? "", bytes: (await Body?.transformToByteArray()) ?? new Uint8Array() };
    } catch (error) {
      if (etag !== undefined && statusOf(error) === 304) return undefined;
      throw error;
    }
  },

  isRefusal: (thrown) => codeOf(thrown) === "ValidationException",
  backOff,
});
