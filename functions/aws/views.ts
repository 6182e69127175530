import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Views, ViewWrite } from "../../shared/protocol/ports.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { bounded } from "./bounded.ts";
import { type KeyedWrite, newestOf } from "./view-keys.ts";

const PARALLEL_WRITES = 32;
/** DynamoDB's limits: 2,048 and 1,024 bytes for keys, 400 KB for an item with its names. */
const MAX_PK_BYTES = 2_048;
const MAX_SK_BYTES = 1_024;
const MAX_ROW_BYTES = 390_000;

/**
 * Views in one DynamoDB table with the keys `pk` and `sk` (both S). A row is kept as the text of the value
 * codec: exact, one attribute, and cheaper to write than a map.
 *
 * A write takes effect only over a lower version. One that finds its own or a newer version has been done
 * before or is late: both are fine, and nothing changes. A deletion leaves a tombstone, so that it is ordered too.
 * @throws MillraceError `VIEW_TOO_LARGE`
 */
export function dynamoViews(options: { readonly client: DynamoDBClient; readonly table: string }): Views {
  const { client, table } = options;

  async function put({ item, version }: Prepared): Promise<void> {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: "attribute_not_exists(pk) OR #ver < :ver",
          ExpressionAttributeNames: { "#ver": "ver" },
          ExpressionAttributeValues: { ":ver": { S: version } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  return {
    async write(writes) {
      await bounded(newestOf(writes).map(prepared), PARALLEL_WRITES, put);
    },
  };
}

type Prepared = { readonly version: string; readonly item: Record<string, AttributeValue> };

/** Of all rows before any is written: one that no table takes is found first. */
const prepared = (keyed: KeyedWrite): Prepared => ({ version: keyed.version, item: itemOf(keyed) });

const utf8 = new TextEncoder();
const fits = (text: string, bytes: number): boolean =>
  text.length * 3 <= bytes || (text.length <= bytes && utf8.encode(text).length <= bytes);

function itemOf({ write, pk, sk, version }: KeyedWrite): Record<string, AttributeValue> {
  if (!fits(pk, MAX_PK_BYTES)) throw tooLarge(write, `a key of more than ${MAX_PK_BYTES} bytes`);
  if (!fits(sk, MAX_SK_BYTES)) throw tooLarge(write, `a sort value of more than ${MAX_SK_BYTES} bytes`);
  const item = { pk: { S: pk }, sk: { S: sk }, ver: { S: version } };
  if (write.row === undefined) return { ...item, deleted: { BOOL: true } };
  const row = write.text ?? encodeValue(write.row);
  if (!fits(row, MAX_ROW_BYTES)) throw tooLarge(write, `a row of more than ${MAX_ROW_BYTES} bytes`);
  return { ...item, row: { S: row } };
}

const tooLarge = (write: ViewWrite, what: string): MillraceError =>
  new MillraceError(
    "VIEW_TOO_LARGE",
    `view "${write.view}", key "${String(write.key).slice(0, 60)}": ${what}`,
    {
      next: "halted",
    },
  );
