import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { LogItem, PartitionId } from "../../shared/protocol/ports.ts";
import type { EpochMs } from "../../shared/time/time.ts";

/** An item of the commit log's table: `pk` names the log, `v` counts. */
export type StoredItem = Record<string, AttributeValue>;

/** Where an entry's body is: in the item, or in S3 under a key with a hash that the reader checks. */
export type BodyPlace =
  | { readonly inline: Uint8Array }
  | { readonly key: string; readonly sha256: Uint8Array };

export const logKey = ({ stage, partition, epoch }: PartitionId): string => `${stage}#${partition}#${epoch}`;

/** The condition of a query for a log's entries behind `after`, up to `upTo` where that is said. */
export const entriesAfter = (after: number, upTo: number | undefined): EntryQuery =>
  upTo === undefined
    ? {
        KeyConditionExpression: "pk = :pk AND v > :v",
        ExpressionAttributeValues: { ":v": { N: String(after) } },
      }
    : {
        KeyConditionExpression: "pk = :pk AND v BETWEEN :first AND :last",
        ExpressionAttributeValues: { ":first": { N: String(after + 1) }, ":last": { N: String(upTo) } },
      };

type EntryQuery = {
  readonly KeyConditionExpression: string;
  readonly ExpressionAttributeValues: Record<string, { N: string }>;
};

/** Watermarks may be infinite, which no DynamoDB number is: they are kept as text, and so is what sits beside them. */
export const storeItem = (
  id: PartitionId,
  item: LogItem,
  place: BodyPlace,
  writtenAt: EpochMs,
): StoredItem => ({
  pk: { S: logKey(id) },
  v: { N: String(item.v) },
  nonce: { S: item.nonce },
  published: { N: String(item.published) },
  outputs: { BOOL: item.outputs },
  watermark: { S: String(item.watermark) },
  ...(item.nextTimer === undefined ? {} : { nextTimer: { S: String(item.nextTimer) } }),
  ...(item.nextProcessingTimer === undefined
    ? {}
    : { nextProcessingTimer: { S: String(item.nextProcessingTimer) } }),
  owes: { BOOL: item.owes },
  codeVersion: { S: item.codeVersion },
  fingerprint: { S: item.fingerprint },
  counts: { S: JSON.stringify(item.counts) },
  writtenAt: { N: String(writtenAt) },
  ...("inline" in place
    ? { body: { B: place.inline } }
    : { bodyKey: { S: place.key }, sha256: { B: place.sha256 } }),
});

/** What an item says beside its body. */
export function readItem(stored: StoredItem): Omit<LogItem, "body"> {
  const { outputs, owes, nextTimer, nextProcessingTimer } = stored;
  return {
    v: numberIn(stored, "v"),
    nonce: textIn(stored, "nonce"),
    published: numberIn(stored, "published"),
    outputs: outputs?.BOOL === true,
    watermark: Number(textIn(stored, "watermark")) as EpochMs,
    nextTimer: nextTimer?.S === undefined ? undefined : (Number(nextTimer.S) as EpochMs),
    ...(nextProcessingTimer?.S === undefined
      ? {}
      : { nextProcessingTimer: Number(nextProcessingTimer.S) as EpochMs }),
    owes: owes?.BOOL === true,
    codeVersion: textIn(stored, "codeVersion"),
    fingerprint: textIn(stored, "fingerprint"),
    counts: JSON.parse(textIn(stored, "counts")) as Record<string, number>,
  };
}

export function placeIn(stored: StoredItem): BodyPlace {
  const { body, sha256 } = stored;
  if (body?.B !== undefined) return { inline: body.B };
  if (sha256?.B === undefined) throw damaged(stored, "sha256");
  return { key: textIn(stored, "bodyKey"), sha256: sha256.B };
}

export const numberIn = (stored: StoredItem, name: string): number => {
  const text = stored[name]?.N;
  if (text === undefined) throw damaged(stored, name);
  return Number(text);
};

export const textIn = (stored: StoredItem, name: string): string => {
  const text = stored[name]?.S;
  if (text === undefined) throw damaged(stored, name);
  return text;
};

const damaged = ({ pk, v }: StoredItem, name: string): MillraceError =>
  new MillraceError("BODY_DAMAGED", `log ${pk?.S}, entry ${v?.N}: "${name}" is missing`, { next: "halted" });
