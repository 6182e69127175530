import { type AttributeValue, type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { FailedEvent } from "../../shared/events/event.ts";
import type { Blobs } from "../../shared/protocol/ports.ts";
import { decodeValue } from "../../shared/state/codec.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { bounded } from "./bounded.ts";

export type StoredFailedEvent = FailedEvent & { readonly failedId: string };
export type FailedEventsPage = {
  readonly events: readonly StoredFailedEvent[];
  /** The id to go on after; absent on the last page. */
  readonly after?: string;
};
export type FailedEventsReader = (query: {
  readonly pipeline: string;
  /** @default 100 */
  readonly limit?: number;
  /** Events behind this id. */
  readonly after?: string | undefined;
}) => Promise<FailedEventsPage>;

const PARALLEL_READS = 16;

/** Reads a pipeline's failed events in the order of their ids. */
export function dynamoFailedEventsReader(options: {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly blobs: Blobs;
}): FailedEventsReader {
  const { client, table, blobs } = options;

  async function payloadOf({ payload, payloadKey }: Record<string, AttributeValue>): Promise<unknown> {
    if (payload?.S !== undefined) return decodeValue(payload.S);
    const key = payloadKey?.S ?? "";
    const bytes = await blobs.get(key);
    if (bytes === undefined)
      throw new MillraceError("BODY_DAMAGED", `failed event's payload "${key}" is missing`, {
        next: "refused",
      });
    return decodeValue(Buffer.from(bytes).toString("utf8"));
  }

  return async ({ pipeline, limit = 100, after }) => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: pipeline } },
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: { pk: { S: pipeline }, sk: { S: after } } }),
      }),
    );
    const events = await bounded(Items, PARALLEL_READS, async (item) => {
      const text = (name: string): string => item[name]?.S ?? "";
      return {
        failedId: text("sk"),
        pipeline: text("pk"),
        payload: await payloadOf(item),
        error: { code: text("code"), name: text("name"), message: text("message") },
        stage: text("stage"),
        operator: text("operator"),
        position: text("position"),
        id: text("id"),
        time: Number(text("time")) as EpochMs,
        codeVersion: text("codeVersion"),
      };
    });
    const last = LastEvaluatedKey?.["sk"]?.S;
    return { events, ...(last === undefined ? {} : { after: last }) };
  };
}
