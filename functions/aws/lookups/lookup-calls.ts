import type { StoredItem, StoredValue } from "./plain-item.ts";

/** Where a table is. */
export type TablePlace = { readonly table: string };
export type FilePlace = { readonly bucket: string; readonly key: string };

/** By the names that pipelines use. */
export type LookupPlaces = Readonly<Record<string, TablePlace | FilePlace>>;

/** A query of one partition key: items whose sort key is at most, or more than, a number. */
export type VersionQuery = {
  readonly table: string;
  readonly key: readonly [name: string, value: StoredValue];
  readonly version: readonly [name: string, compare: "<=" | ">", value: StoredValue];
  /** Only the newest of them. */
  readonly newest: boolean;
  readonly after: StoredItem | undefined;
};

/** The calls of which lookups are made: by the SDK in a function, by the models in a simulation. */
export type LookupCalls = {
  batchGetItem(
    table: string,
    keys: readonly StoredItem[],
  ): Promise<{ readonly items: readonly StoredItem[]; readonly unprocessed: readonly StoredItem[] }>;
  query(
    query: VersionQuery,
  ): Promise<{ readonly items: readonly StoredItem[]; readonly after: StoredItem | undefined }>;
  /** Undefined where the object still has this ETag. */
  getObject(
    place: FilePlace,
    etag: string | undefined,
    mostBytes: number,
  ): Promise<{ readonly etag: string; readonly bytes: Uint8Array } | undefined>;
  /** Whether DynamoDB takes no such key in this table. */
  isRefusal(thrown: unknown): boolean;
  /** Between two tries of what was not processed. */
  backOff(attempt: number): Promise<void>;
};

type QueryInput = {
  readonly TableName: string;
  readonly KeyConditionExpression: string;
  readonly ExpressionAttributeNames: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues: StoredItem;
  readonly ScanIndexForward: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: StoredItem;
};

/** The query in DynamoDB's words. */
export const queryInput = ({
  table,
  key: [key, value],
  version: [version, compare, at],
  newest,
  after,
}: VersionQuery): QueryInput => ({
  TableName: table,
  KeyConditionExpression: `#key = :key AND #version ${compare} :at`,
  ExpressionAttributeNames: { "#key": key, "#version": version },
  ExpressionAttributeValues: { ":key": value, ":at": at },
  ScanIndexForward: !newest,
  ...(newest ? { Limit: 1 } : {}),
  ...(after === undefined ? {} : { ExclusiveStartKey: after }),
});
