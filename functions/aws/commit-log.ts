import { createHash } from "node:crypto";
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Blobs, CommitLog, LogItem, PartitionId, SnapshotRef } from "../../shared/protocol/ports.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { batchWrite } from "./batch-write.ts";
import { bounded } from "./bounded.ts";
import {
  type BodyPlace,
  entriesAfter,
  logKey,
  numberIn,
  placeIn,
  readItem,
  type StoredItem,
  storeItem,
  textIn,
} from "./log-item.ts";

export type CommitLogOptions = {
  readonly client: DynamoDBClient;
  /** A table with the keys `pk` (S) and `v` (N). */
  readonly table: string;
  /** Holds the bodies that are cheaper there. */
  readonly blobs: Blobs;
  readonly clock: Clock;
};

/** Up to here a write to DynamoDB costs no more than a PUT to S3 (FACTS: $5/M against $0.625/M per KB). */
const INLINE_BYTES = 8_192;
/** The pointer to the newest snapshot lives beside the entries, before all of them. */
const SNAPSHOT_V = -1;
const PARALLEL_READS = 16;

/**
 * Partitions' commit logs in one DynamoDB table: an item an entry, whose condition is the lock.
 *
 *     writer A: put v+1 if absent ──► won
 *     writer B:      put v+1 if absent ──► refused, and told A's nonce: lost race
 *     writer A:  (no answer) put v+1 if absent ──► refused, and told its own nonce: it had won
 */
export function dynamoCommitLog({ client, table, blobs, clock }: CommitLogOptions): CommitLog {
  async function placeFor(id: PartitionId, { v, nonce, body }: LogItem): Promise<BodyPlace> {
    if (body.length <= INLINE_BYTES) return { inline: body };
    const key = `${bodyFolder(id)}${v}-${nonce}`;
    await blobs.put(key, body);
    return { key, sha256: sha256(body) };
  }

  async function bodyAt(place: BodyPlace): Promise<Uint8Array> {
    if ("inline" in place) return place.inline;
    const body = await blobs.get(place.key);
    if (body === undefined || sha256(body).compare(place.sha256) !== 0)
      throw new MillraceError(
        "BODY_DAMAGED",
        `entry body "${place.key}" ${body === undefined ? "is missing" : "differs from its hash"}`,
        { next: "retried" },
      );
    return body;
  }

  async function query(id: PartitionId, input: Partial<QueryCommandInput>): Promise<StoredItem[]> {
    const items: StoredItem[] = [];
    let from: StoredItem | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          ...input,
          ExpressionAttributeValues: { ":pk": { S: logKey(id) }, ...input.ExpressionAttributeValues },
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      items.push(...(page.Items ?? []));
      from = input.Limit === undefined ? page.LastEvaluatedKey : undefined;
    } while (from !== undefined);
    return items;
  }

  const read = (id: PartitionId, v: number): Promise<StoredItem | undefined> =>
    client
      .send(
        new GetItemCommand({
          TableName: table,
          Key: { pk: { S: logKey(id) }, v: { N: String(v) } },
          ConsistentRead: true,
        }),
      )
      .then(({ Item }) => Item);

  return {
    async readAfter(id, v, upTo) {
      const after = Math.max(v, SNAPSHOT_V);
      if (upTo !== undefined && upTo <= after) return [];
      const items = await query(id, entriesAfter(after, upTo));
      return bounded(items, PARALLEL_READS, async (stored) => ({
        ...readItem(stored),
        body: await bodyAt(placeIn(stored)),
      }));
    },

    async append(id, item) {
      const place = await placeFor(id, item);
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: storeItem(id, item, place, clock.now()),
            ConditionExpression: "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
        );
        return { won: true };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const standing = error.Item ?? (await read(id, item.v));
        if (standing === undefined) throw error;
        const nonce = textIn(standing, "nonce");
        return nonce === item.nonce ? { won: true } : { won: false, nonce };
      }
    },

    async snapshot(id) {
      const pointer = await read(id, SNAPSHOT_V);
      return (
        pointer && {
          v: numberIn(pointer, "snapshot"),
          key: textIn(pointer, "key"),
          ...("unused" in pointer ? { unused: JSON.parse(textIn(pointer, "unused")) } : {}),
        }
      );
    },

    async recordSnapshot(id, ref) {
      try {
        await client.send(putPointer(table, id, ref));
      } catch (error) {
        // a newer snapshot stands, or this one does already
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async truncate(id, v, before) {
      const [last] = await query(id, {
        KeyConditionExpression: "pk = :pk",
        ProjectionExpression: "v",
        ScanIndexForward: false,
        Limit: 1,
      });
      const upTo = Math.min(v, last === undefined ? SNAPSHOT_V : numberIn(last, "v") - 1);
      if (upTo <= SNAPSHOT_V) return;
      const items = await query(id, {
        KeyConditionExpression: "pk = :pk AND v BETWEEN :first AND :v",
        ProjectionExpression: "pk, v, writtenAt, bodyKey",
        ExpressionAttributeValues: {
          ":first": { N: String(SNAPSHOT_V + 1) },
          ":v": { N: String(upTo) },
        },
      });
      // writers' clocks differ: an old entry behind a young one stays, so that the log never has a hole
      const young = items.findIndex((item) => numberIn(item, "writtenAt") >= before);
      const old = young === -1 ? items : items.slice(0, young);
      const deletions = old.map(({ pk, v }) => ({ DeleteRequest: { Key: { pk, v } as StoredItem } }));
      // bodies last: an entry without its body cannot be read, a body without its entry is only litter
      await batchWrite(client, table, deletions);
      const kept = new Set(items.slice(old.length).flatMap(({ bodyKey }) => bodyKey?.S ?? []));
      const bodies = await blobs.list(bodyFolder(id));
      await blobs.remove(bodies.filter((key) => versionOf(key) <= upTo && !kept.has(key)));
    },
  };
}

/** Where the bodies of a partition's entries are. */
const bodyFolder = ({ stage, partition, epoch }: PartitionId): string =>
  `log/${stage}/${epoch}/${partition}/`;

const versionOf = (bodyKey: string): number => Number(/(\d+)-[^/]*$/.exec(bodyKey)?.[1]);

const putPointer = (table: string, id: PartitionId, { v, key, unused = [] }: SnapshotRef): PutItemCommand =>
  new PutItemCommand({
    TableName: table,
    Item: {
      pk: { S: logKey(id) },
      v: { N: String(SNAPSHOT_V) },
      snapshot: { N: String(v) },
      key: { S: key },
      ...(unused.length === 0 ? {} : { unused: { S: JSON.stringify(unused) } }),
    },
    ConditionExpression: "attribute_not_exists(pk) OR #snapshot < :snapshot",
    ExpressionAttributeNames: { "#snapshot": "snapshot" },
    ExpressionAttributeValues: { ":snapshot": { N: String(v) } },
  });

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
