import { type KeyedWrite, newestOf } from "../../../functions/aws/view-keys.ts";
import type { Views } from "../../../shared/protocol/ports.ts";
import { encodeValue } from "../../../shared/state/codec.ts";
import type { Item } from "../../models/dynamodb/attribute-value.ts";
import { call, type Gate, isRefused } from "../gate.ts";
import { type Services, VIEWS_TABLE } from "../services.ts";

/** Views in the DynamoDB model: a write takes effect over a lower version only, and a deletion leaves a tombstone. */
export function simulatedViews({ dynamodb }: Services, gate: Gate): Views {
  async function put(item: Item): Promise<void> {
    try {
      await call(gate, "dynamodb", "PutItem", () =>
        dynamodb.putItem({
          TableName: VIEWS_TABLE,
          Item: item,
          ConditionExpression: "attribute_not_exists(pk) OR #ver < :ver",
          ExpressionAttributeNames: { "#ver": "ver" },
          ExpressionAttributeValues: { ":ver": item["ver"] ?? { S: "" } },
        }),
      );
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
  }
  return {
    async write(writes) {
      await Promise.all(newestOf(writes).map((write) => put(itemOf(write))));
    },
  };
}

const itemOf = ({ write: { view, row, text }, pk, sk, version }: KeyedWrite): Item => ({
  pk: { S: pk },
  sk: { S: sk },
  view: { S: view },
  ver: { S: version },
  ...(row === undefined ? {} : { row: { S: text ?? encodeValue(row) } }),
});
