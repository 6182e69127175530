import type { EpochMs } from "../../../shared/time/time.ts";
import { arnOf } from "../arn.ts";
import { isOnDemand } from "./billing.ts";
import type {
  CreateTableInput,
  ProvisionedThroughput,
  TableDescription,
  TableStatus,
} from "./dynamodb-api.ts";
import type { KeyedRows } from "./keyed-rows.ts";
import type { SecondaryIndexRows } from "./secondary-index.ts";

const NONE = { items: 0, bytes: 0 };

export const tableArn = (name: string): string => arnOf("dynamodb", `table/${name}`);

export const indexArn = (table: string, name: string): string => `${tableArn(table)}/index/${name}`;

/** What DescribeTable says of a table. Its counts are exact; AWS's are up to six hours old. */
export function describedTable(
  input: CreateTableInput,
  status: TableStatus,
  createdAt: EpochMs,
  rows: KeyedRows,
  indexRows: ReadonlyMap<string, SecondaryIndexRows>,
): TableDescription {
  const { TableName, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes: indexes } = input;
  return {
    TableName,
    TableArn: tableArn(TableName),
    TableStatus: status,
    KeySchema,
    AttributeDefinitions,
    CreationDateTime: createdAt,
    ItemCount: rows.items,
    TableSizeBytes: rows.bytes,
    ProvisionedThroughput: described(input.ProvisionedThroughput),
    ...(isOnDemand(input) && { BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" } }),
    DeletionProtectionEnabled: input.DeletionProtectionEnabled ?? false,
    ...(indexes !== undefined && {
      GlobalSecondaryIndexes: indexes.map((index) => {
        const { items, bytes } = indexRows.get(index.IndexName)?.rows ?? NONE;
        return {
          ...index,
          ProvisionedThroughput: described(index.ProvisionedThroughput),
          IndexStatus: "ACTIVE" as const,
          IndexArn: indexArn(TableName, index.IndexName),
          ItemCount: items,
          IndexSizeBytes: bytes,
        };
      }),
    }),
  };
}

const described = (throughput: ProvisionedThroughput | undefined) => ({
  ReadCapacityUnits: throughput?.ReadCapacityUnits ?? 0,
  WriteCapacityUnits: throughput?.WriteCapacityUnits ?? 0,
  NumberOfDecreasesToday: 0,
});
