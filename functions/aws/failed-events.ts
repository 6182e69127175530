import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Blobs, FailedEvents } from "../../shared/protocol/ports.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { batchWrite } from "./batch-write.ts";
import { bounded } from "./bounded.ts";

export type FailedEventsOptions = {
  readonly client: DynamoDBClient;
  /** A table with the keys `pk` (pipeline) and `sk` (failed id), both S. */
  readonly table: string;
  /** Holds payloads above 100 KB. */
  readonly blobs: Blobs;
};

type Failed = Parameters<FailedEvents["write"]>[0][number];

/** 25 of them stay far below the 16 MB of one batch call, and each below the 400 KB of an item. */
const INLINE_BYTES = 100_000;
const PARALLEL_PUTS = 16;

/** Failed events in one DynamoDB table. Their ids come from the entry: writing one again writes the same item. */
export function dynamoFailedEvents({ client, table, blobs }: FailedEventsOptions): FailedEvents {
  async function itemOf(event: Failed): Promise<Record<string, AttributeValue>> {
    const payload = encodeValue(event.payload);
    const bytes = Buffer.from(payload);
    const key = `failed/${encodeURIComponent(event.pipeline)}/${encodeURIComponent(event.failedId)}`;
    if (bytes.length > INLINE_BYTES) await blobs.put(key, bytes);
    return {
      pk: { S: event.pipeline },
      sk: { S: event.failedId },
      ...(bytes.length > INLINE_BYTES ? { payloadKey: { S: key } } : { payload: { S: payload } }),
      code: { S: event.error.code },
      name: { S: event.error.name },
      // an error may quote its whole input
      message: { S: event.error.message.slice(0, 2_000) },
      stage: { S: event.stage },
      operator: { S: event.operator },
      position: { S: event.position },
      id: { S: event.id },
      time: { S: String(event.time) },
      codeVersion: { S: event.codeVersion },
    };
  }

  return {
    async write(events) {
      // a batch call refuses two items of one key
      const byId = new Map(events.map((event) => [`${event.pipeline}#${event.failedId}`, event]));
      const items = await bounded([...byId.values()], PARALLEL_PUTS, itemOf);
      await batchWrite(
        client,
        table,
        items.map((Item) => ({ PutRequest: { Item } })),
      );
    },
  };
}
