import type { Blobs, FailedEvents } from "../../../shared/protocol/ports.ts";
import { encodeValue } from "../../../shared/state/codec.ts";
import { call, type Gate } from "../gate.ts";
import { FAILED_TABLE, type Services } from "../services.ts";

/** An item holds 400 KB at most. */
const INLINE_CHARS = 100_000;

/** Failed events in the DynamoDB model, as one text each: writing one again writes the same item. */
export function simulatedFailedEvents({ dynamodb }: Services, gate: Gate, blobs: Blobs): FailedEvents {
  async function put(event: Parameters<FailedEvents["write"]>[0][number]): Promise<void> {
    const text = encodeValue(event);
    const key = `failed/${event.pipeline}/${event.failedId}`;
    if (text.length > INLINE_CHARS) await blobs.put(key, new TextEncoder().encode(text));
    await call(gate, "dynamodb", "PutItem", () =>
      dynamodb.putItem({
        TableName: FAILED_TABLE,
        Item: {
          pk: { S: event.pipeline },
          sk: { S: event.failedId },
          ...(text.length > INLINE_CHARS ? { key: { S: key } } : { event: { S: text } }),
        },
      }),
    );
  }
  return {
    async write(events) {
      await Promise.all(events.map(put));
    },
  };
}
