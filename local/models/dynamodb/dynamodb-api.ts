import type { EpochMs } from "../../../shared/time/time.ts";
import type { AttributeValue, Item } from "./attribute-value.ts";

/** Inputs and outputs of DynamoDB as its API names them; binary is Uint8Array, a timestamp EpochMs. */

export type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: "HASH" | "RANGE" }[];
export type AttributeDefinition = {
  readonly AttributeName: string;
  readonly AttributeType: "S" | "N" | "B";
};
type Projection = {
  readonly ProjectionType?: "ALL" | "KEYS_ONLY" | "INCLUDE" | undefined;
  readonly NonKeyAttributes?: readonly string[] | undefined;
};
export type ProvisionedThroughput = {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
};
export type SecondaryIndex = {
  readonly IndexName: string;
  readonly KeySchema: KeySchema;
  readonly Projection: Projection;
  readonly ProvisionedThroughput?: ProvisionedThroughput | undefined;
};
export type TimeToLive = { readonly AttributeName: string; readonly Enabled: boolean };

export type CreateTableInput = {
  readonly TableName: string;
  readonly KeySchema: KeySchema;
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly GlobalSecondaryIndexes?: readonly SecondaryIndex[] | undefined;
  /** @default "PAY_PER_REQUEST"; a call over HTTP that leaves it out makes a provisioned table, as on AWS */
  readonly BillingMode?: string | undefined;
  /** Shown by DescribeTable, and not enforced. */
  readonly ProvisionedThroughput?: ProvisionedThroughput | undefined;
  readonly DeletionProtectionEnabled?: boolean | undefined;
  /** As CloudFormation has it; the API sets it by UpdateTimeToLive. */
  readonly TimeToLiveSpecification?: TimeToLive | undefined;
};
export type UpdateTableInput = TableRef & {
  /** The key attributes of an index that is made; the table's others may be left out. */
  readonly AttributeDefinitions?: readonly AttributeDefinition[] | undefined;
  readonly BillingMode?: string | undefined;
  readonly ProvisionedThroughput?: ProvisionedThroughput | undefined;
  readonly DeletionProtectionEnabled?: boolean | undefined;
  /** At most one. */
  readonly GlobalSecondaryIndexUpdates?:
    | readonly {
        readonly Create?: SecondaryIndex | undefined;
        readonly Update?:
          | { readonly IndexName: string; readonly ProvisionedThroughput: ProvisionedThroughput }
          | undefined;
        readonly Delete?: { readonly IndexName: string } | undefined;
      }[]
    | undefined;
};
export type TableRef = { readonly TableName: string };
export type TableStatus = "CREATING" | "UPDATING" | "DELETING" | "ACTIVE";
type DescribedThroughput = ProvisionedThroughput & { readonly NumberOfDecreasesToday: number };
export type TableDescription = {
  readonly TableName: string;
  readonly TableArn: string;
  readonly TableStatus: TableStatus;
  readonly KeySchema: KeySchema;
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly CreationDateTime: EpochMs;
  readonly ItemCount: number;
  readonly TableSizeBytes: number;
  readonly ProvisionedThroughput: DescribedThroughput;
  /** Of an on-demand table. */
  readonly BillingModeSummary?: { readonly BillingMode: string };
  readonly DeletionProtectionEnabled: boolean;
  readonly GlobalSecondaryIndexes?: readonly (SecondaryIndex & {
    readonly ProvisionedThroughput: DescribedThroughput;
    readonly IndexStatus: "ACTIVE";
    readonly IndexArn: string;
    readonly ItemCount: number;
    readonly IndexSizeBytes: number;
  })[];
};
export type ListTablesInput = {
  readonly ExclusiveStartTableName?: string | undefined;
  /** 1 to 100. @default 100 */
  readonly Limit?: number | undefined;
};
export type ListTablesOutput = {
  readonly TableNames: readonly string[];
  readonly LastEvaluatedTableName?: string;
};
export type UpdateTimeToLiveInput = TableRef & { readonly TimeToLiveSpecification: TimeToLive };
export type TimeToLiveDescription = {
  readonly TimeToLiveStatus: "ENABLED" | "DISABLED";
  readonly AttributeName?: string;
};

export type Names = Readonly<Record<string, string>>;
export type Values = Readonly<Record<string, AttributeValue>>;
export type ReturnCapacity = "INDEXES" | "TOTAL" | "NONE";
/** Transactions also say of what kind their units are. */
type Capacity = {
  readonly CapacityUnits: number;
  readonly ReadCapacityUnits?: number;
  readonly WriteCapacityUnits?: number;
};
/** `Table` and `GlobalSecondaryIndexes` where INDEXES was asked for. */
export type ConsumedCapacity = Capacity & {
  readonly TableName: string;
  readonly Table?: Capacity;
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, Capacity>>;
};

type WithCapacity = { readonly ReturnConsumedCapacity?: ReturnCapacity | undefined };
type WithNames = { readonly ExpressionAttributeNames?: Names | undefined };
type WithValues = WithNames & { readonly ExpressionAttributeValues?: Values | undefined };
type WithCondition = WithValues & {
  readonly ConditionExpression?: string | undefined;
  /** ALL_OLD puts the item that stands in the way into the error's `Item`. */
  readonly ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE" | undefined;
};
type Billed = { readonly ConsumedCapacity?: ConsumedCapacity };

export type PutItemInput = TableRef &
  WithCondition &
  WithCapacity & { readonly Item: Item; readonly ReturnValues?: "NONE" | "ALL_OLD" | undefined };
export type DeleteItemInput = TableRef &
  WithCondition &
  WithCapacity & { readonly Key: Item; readonly ReturnValues?: "NONE" | "ALL_OLD" | undefined };
export type UpdateItemInput = TableRef &
  WithCondition &
  WithCapacity & {
    readonly Key: Item;
    readonly UpdateExpression?: string | undefined;
    readonly ReturnValues?: "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW" | undefined;
  };
export type WriteOutput = Billed & { readonly Attributes?: Item };

export type GetItemInput = TableRef &
  WithNames &
  WithCapacity & {
    readonly Key: Item;
    readonly ConsistentRead?: boolean | undefined;
    readonly ProjectionExpression?: string | undefined;
  };
export type GetItemOutput = Billed & { readonly Item?: Item };

type Paging = {
  readonly IndexName?: string | undefined;
  readonly ConsistentRead?: boolean | undefined;
  readonly ExclusiveStartKey?: Item | undefined;
  readonly FilterExpression?: string | undefined;
  readonly Limit?: number | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly Select?:
    | "ALL_ATTRIBUTES"
    | "ALL_PROJECTED_ATTRIBUTES"
    | "SPECIFIC_ATTRIBUTES"
    | "COUNT"
    | undefined;
};
export type QueryInput = TableRef &
  WithValues &
  WithCapacity &
  Paging & {
    readonly KeyConditionExpression: string;
    /** @default true */
    readonly ScanIndexForward?: boolean | undefined;
  };
export type ScanInput = TableRef &
  WithValues &
  WithCapacity &
  Paging & { readonly Segment?: number | undefined; readonly TotalSegments?: number | undefined };
export type PageOutput = Billed & {
  /** Absent for `Select: "COUNT"`. */
  readonly Items?: readonly Item[];
  readonly Count: number;
  readonly ScannedCount: number;
  readonly LastEvaluatedKey?: Item;
};

export type KeysAndAttributes = WithNames & {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean | undefined;
  readonly ProjectionExpression?: string | undefined;
};
export type BatchGetItemInput = WithCapacity & {
  readonly RequestItems: Readonly<Record<string, KeysAndAttributes>>;
};
export type BatchGetItemOutput = {
  readonly Responses: Readonly<Record<string, readonly Item[]>>;
  readonly UnprocessedKeys: Readonly<Record<string, KeysAndAttributes>>;
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
};
export type WriteRequest = {
  readonly PutRequest?: { readonly Item: Item } | undefined;
  readonly DeleteRequest?: { readonly Key: Item } | undefined;
};
export type BatchWriteItemInput = WithCapacity & {
  readonly RequestItems: Readonly<Record<string, readonly WriteRequest[]>>;
};
export type BatchWriteItemOutput = {
  readonly UnprocessedItems: Readonly<Record<string, readonly WriteRequest[]>>;
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
};

export type TransactWrite = {
  readonly Put?: (TableRef & WithCondition & { readonly Item: Item }) | undefined;
  readonly Delete?: (TableRef & WithCondition & { readonly Key: Item }) | undefined;
  readonly Update?:
    | (TableRef & WithCondition & { readonly Key: Item; readonly UpdateExpression: string })
    | undefined;
  readonly ConditionCheck?:
    | (TableRef & WithCondition & { readonly Key: Item; readonly ConditionExpression: string })
    | undefined;
};
export type TransactWriteItemsInput = WithCapacity & {
  /** At most 100, each of another item. */
  readonly TransactItems: readonly TransactWrite[];
  /** The same token within 10 minutes is the same transaction: it is not done again. */
  readonly ClientRequestToken?: string | undefined;
};
export type TransactWriteItemsOutput = { readonly ConsumedCapacity?: readonly ConsumedCapacity[] };
export type TransactGetItemsInput = WithCapacity & {
  readonly TransactItems: readonly {
    readonly Get: TableRef &
      WithNames & { readonly Key: Item; readonly ProjectionExpression?: string | undefined };
  }[];
};
export type TransactGetItemsOutput = {
  readonly Responses: readonly { readonly Item?: Item }[];
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
};
/** Why an item stopped a transaction; `None` where it did not. */
export type CancellationReason = { readonly Code: string; readonly Message?: string; readonly Item?: Item };

/** What was asked of the tables since the model was made. */
export type DynamoDbStats = {
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Items written (or tried: a failed condition is billed too). */
  readonly writes: number;
  /** Items read. */
  readonly reads: number;
  /** Calls by operation, e.g. `PutItem`. */
  readonly operations: Readonly<Record<string, number>>;
};
