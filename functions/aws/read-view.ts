import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Key } from "../../shared/events/event.ts";
import { decodeValue } from "../../shared/state/codec.ts";
import { keyOfSortable, sortableKey } from "../../shared/state/key-order.ts";
import { viewPk } from "./view-keys.ts";

export type ViewQuery = {
  readonly view: string;
  readonly key: Key;
  /** Rows with this sort value and later ones. */
  readonly from?: Key | undefined;
  /** Rows before this sort value, which is not among them. */
  readonly to?: Key | undefined;
  /** Rows a page, 1 to 1000. @default 100 */
  readonly limit?: number | undefined;
  /** What the page before ended with. */
  readonly cursor?: string | undefined;
  /** @default false */
  readonly newestFirst?: boolean | undefined;
};
type ViewRow = { readonly sort: Key; readonly row: unknown };
export type ViewPage = {
  readonly rows: readonly ViewRow[];
  /** Present where more rows may follow. */
  readonly cursor?: string;
};
export type ViewReader = (query: ViewQuery) => Promise<ViewPage>;

type Stored = Record<string, AttributeValue>;

/**
 * Reads rows of one key of a view in the order of their sort value, skipping what was deleted.
 * @throws MillraceError `CURSOR_INVALID`
 */
export function dynamoViewReader(options: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): ViewReader {
  const { client, table } = options;
  return async (query) => {
    const pk = viewPk(query.view, query.key);
    const limit = query.limit ?? 100;
    const span = spanOf(query);
    let after = query.cursor === undefined ? undefined : keyIn(query.cursor, pk, span);
    // DynamoDB refuses a BETWEEN whose ends are in the wrong order
    if (isEmpty(span)) return { rows: [] };
    const condition = conditionOf(span);
    const rows: Stored[] = [];
    do {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `pk = :pk${condition.text}`,
          FilterExpression: "attribute_not_exists(#deleted)",
          ExpressionAttributeNames: { "#deleted": "deleted" },
          ExpressionAttributeValues: { ":pk": { S: pk }, ...condition.values },
          ScanIndexForward: query.newestFirst !== true,
          // one more than is missing, to know whether there are more
          Limit: limit - rows.length + 1,
          ...(after === undefined ? {} : { ExclusiveStartKey: after }),
        }),
      );
      rows.push(...(page.Items ?? []).filter(({ sk }) => sk?.S !== span.end));
      after = page.LastEvaluatedKey;
    } while (rows.length <= limit && after !== undefined);
    const found = rows.slice(0, limit);
    const last = found.at(-1);
    return { rows: found.map(rowOf), ...(rows.length > limit && last ? { cursor: cursorOf(last) } : {}) };
  };
}

type Span = { readonly start: string | undefined; readonly end: string | undefined };

const spanOf = ({ from, to }: ViewQuery): Span => ({
  start: from === undefined ? undefined : sortableKey(from),
  end: to === undefined ? undefined : sortableKey(to),
});

const isEmpty = ({ start, end }: Span): boolean => start !== undefined && end !== undefined && start >= end;

function conditionOf({ start, end }: Span): { readonly text: string; readonly values: Stored } {
  const from = { ":from": { S: start ?? "" } };
  const to = { ":to": { S: end ?? "" } };
  // BETWEEN includes its end; DynamoDB takes one condition on a sort key, so that the end is left out afterwards
  if (start !== undefined && end !== undefined)
    return { text: " AND sk BETWEEN :from AND :to", values: { ...from, ...to } };
  if (start !== undefined) return { text: " AND sk >= :from", values: from };
  if (end !== undefined) return { text: " AND sk < :to", values: to };
  return { text: "", values: {} };
}

const rowOf = ({ sk, row }: Stored): ViewRow => ({
  sort: keyOfSortable(sk?.S ?? ""),
  row: decodeValue(row?.S ?? ""),
});

const cursorOf = ({ pk, sk }: Stored): string =>
  Buffer.from(JSON.stringify([pk?.S, sk?.S])).toString("base64url");

/** A cursor continues only the view and key that it came from, inside the span that is asked for. */
function keyIn(cursor: string, pk: string, { start, end }: Span): Stored {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch (cause) {
    throw invalid(cursor, cause);
  }
  const [of, sk] = Array.isArray(parts) ? (parts as unknown[]) : [];
  if (of !== pk || typeof sk !== "string") throw invalid(cursor, undefined);
  if ((start !== undefined && sk < start) || (end !== undefined && sk >= end))
    throw invalid(cursor, undefined);
  return { pk: { S: pk }, sk: { S: sk } };
}

const invalid = (cursor: string, cause: unknown): MillraceError =>
  new MillraceError("CURSOR_INVALID", `cursor "${cursor.slice(0, 40)}" does not continue this query`, {
    next: "refused",
    ...(cause === undefined ? {} : { cause }),
  });
