import { versionText, viewPk } from "../../../functions/aws/view-keys.ts";
import type { Views, ViewWrite } from "../../../shared/protocol/ports.ts";
import { encodeValue } from "../../../shared/state/codec.ts";
import { sortableKey } from "../../../shared/state/key-order.ts";
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
      await Promise.all(newest(writes).map((write) => put(itemOf(write))));
    },
  };
}

/** One write a row: the highest version, the last of equals. */
function newest(writes: readonly ViewWrite[]): ViewWrite[] {
  const rows = new Map<string, ViewWrite>();
  for (const write of writes) {
    const row = JSON.stringify([viewPk(write.view, write.key), sortableKey(write.sort)]);
    const known = rows.get(row);
    if (known === undefined || versionText(known.version) <= versionText(write.version)) rows.set(row, write);
  }
  return [...rows.values()];
}

const itemOf = ({ view, key, sort, row, version }: ViewWrite): Item => ({
  pk: { S: viewPk(view, key) },
  sk: { S: sortableKey(sort) },
  view: { S: view },
  ver: { S: versionText(version) },
  ...(row === undefined ? {} : { row: { S: encodeValue(row) } }),
});
