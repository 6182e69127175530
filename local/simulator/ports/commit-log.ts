import { entriesAfter, logKey } from "../../../functions/aws/log-item.ts";
import { MillraceError } from "../../../shared/errors/millrace-error.ts";
import type { Blobs, CommitLog, LogItem, PartitionId } from "../../../shared/protocol/ports.ts";
import { decodeValue, encodeValue } from "../../../shared/state/codec.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import type { Item } from "../../models/dynamodb/attribute-value.ts";
import { call, type Gate, isRefused } from "../gate.ts";
import { LOG_TABLE, type Services } from "../services.ts";

export type CommitLogOptions = {
  readonly services: Services;
  readonly gate: Gate;
  readonly blobs: Blobs;
  readonly clock: Clock;
  /** Larger bodies are objects. @default 8192 */
  readonly inlineBytes?: number;
};

/** The pointer to the newest snapshot lives beside the entries, before all of them. */
const SNAPSHOT_V = "-1";

/** Where the bodies of a partition's entries are. */
const bodyFolder = (id: PartitionId): string => `log/${logKey(id)}/`;

const versionOf = (bodyKey: string): number => Number(/(\d+)-[^/]*$/.exec(bodyKey)?.[1]);

/** Partitions' commit logs in the DynamoDB model, an item an entry. What an item says is one text. */
export function simulatedCommitLog(options: CommitLogOptions): CommitLog {
  const { services, gate, blobs, clock, inlineBytes = 8_192 } = options;
  const { dynamodb } = services;

  async function placed(id: PartitionId, { v, nonce, body }: LogItem): Promise<Item> {
    if (body.length <= inlineBytes) return { body: { B: body } };
    const key = `${bodyFolder(id)}${v}-${nonce}`;
    await blobs.put(key, body);
    return { bodyKey: { S: key } };
  }

  async function query(id: PartitionId, after: number, upTo?: number): Promise<Item[]> {
    const { KeyConditionExpression, ExpressionAttributeValues } = entriesAfter(after, upTo);
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const page = await call(gate, "dynamodb", "Query", () =>
        dynamodb.query({
          TableName: LOG_TABLE,
          ConsistentRead: true,
          KeyConditionExpression,
          ExpressionAttributeValues: { ":pk": { S: logKey(id) }, ...ExpressionAttributeValues },
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  }

  return {
    async readAfter(id, v, upTo) {
      const after = Math.max(v, Number(SNAPSHOT_V));
      if (upTo !== undefined && upTo <= after) return [];
      const items = await query(id, after, upTo);
      return Promise.all(
        items.map(async (item) => {
          const body = "bodyKey" in item ? await blobs.get(textIn(item, "bodyKey")) : bytesIn(item);
          if (body === undefined)
            throw new MillraceError("BODY_DAMAGED", `entry body "${textIn(item, "bodyKey")}" is missing`, {
              next: "halted",
            });
          return { ...entryIn(item), body };
        }),
      );
    },

    async append(id, item) {
      const { body: _, ...said } = item;
      const Item: Item = {
        pk: { S: logKey(id) },
        v: { N: String(item.v) },
        nonce: { S: item.nonce },
        writtenAt: { N: String(clock.now()) },
        said: { S: encodeValue(said) },
        ...(await placed(id, item)),
      };
      try {
        await call(gate, "dynamodb", "PutItem", () =>
          dynamodb.putItem({
            TableName: LOG_TABLE,
            Item,
            ConditionExpression: "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
        );
        return { won: true };
      } catch (error) {
        if (!isRefused(error)) throw error;
        const nonce = textIn(error.detail?.["Item"] as Item, "nonce");
        return nonce === item.nonce ? { won: true } : { won: false, nonce };
      }
    },

    async snapshot(id) {
      const { Item: pointer } = await call(gate, "dynamodb", "GetItem", () =>
        dynamodb.getItem({
          TableName: LOG_TABLE,
          Key: { pk: { S: logKey(id) }, v: { N: SNAPSHOT_V } },
          ConsistentRead: true,
        }),
      );
      return (
        pointer && {
          v: numberIn(pointer, "snapshot"),
          key: textIn(pointer, "key"),
          ...("unused" in pointer ? { unused: JSON.parse(textIn(pointer, "unused")) } : {}),
        }
      );
    },

    async recordSnapshot(id, { v, key, unused = [] }) {
      try {
        await call(gate, "dynamodb", "PutItem", () =>
          dynamodb.putItem({
            TableName: LOG_TABLE,
            Item: {
              pk: { S: logKey(id) },
              v: { N: SNAPSHOT_V },
              snapshot: { N: String(v) },
              key: { S: key },
              ...(unused.length === 0 ? {} : { unused: { S: JSON.stringify(unused) } }),
            },
            ConditionExpression: "attribute_not_exists(pk) OR #snapshot < :snapshot",
            ExpressionAttributeNames: { "#snapshot": "snapshot" },
            ExpressionAttributeValues: { ":snapshot": { N: String(v) } },
          }),
        );
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    },

    async truncate(id, v, before) {
      const items = await query(id, Number(SNAPSHOT_V));
      const kept = items.findIndex(
        (item, i) =>
          numberIn(item, "v") > v || numberIn(item, "writtenAt") >= before || i === items.length - 1,
      );
      const old = items.slice(0, Math.max(0, kept));
      // bodies last: an entry without its body cannot be read, a body without its entry is only litter
      for (const { pk, v: at } of old)
        if (pk !== undefined && at !== undefined)
          await call(gate, "dynamodb", "DeleteItem", () =>
            dynamodb.deleteItem({ TableName: LOG_TABLE, Key: { pk, v: at } }),
          );
      const upTo = Math.min(v, numberIn(items.at(-1) ?? {}, "v", 0) - 1);
      const named = new Set(
        items.slice(old.length).flatMap((item) => ("bodyKey" in item ? [textIn(item, "bodyKey")] : [])),
      );
      const bodies = await blobs.list(bodyFolder(id));
      await blobs.remove(bodies.filter((key) => versionOf(key) <= upTo && !named.has(key)));
    },
  };
}

/** What a stored entry says beside its body. */
export const entryIn = (item: Item): Omit<LogItem, "body"> =>
  decodeValue(textIn(item, "said")) as Omit<LogItem, "body">;

function textIn(item: Item, name: string): string {
  const value = item[name];
  if (value === undefined || !("S" in value)) throw new TypeError(`an item without a text "${name}"`);
  return value.S;
}

function numberIn(item: Item, name: string, otherwise?: number): number {
  const value = item[name];
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (value === undefined || !("N" in value)) throw new TypeError(`an item without a number "${name}"`);
  return Number(value.N);
}

function bytesIn({ body }: Item): Uint8Array {
  if (body === undefined || !("B" in body)) throw new TypeError("an entry without a body");
  return body.B;
}
