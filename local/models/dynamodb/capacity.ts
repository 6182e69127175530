import type { ConsumedCapacity, DynamoDbStats, ReturnCapacity } from "./dynamodb-api.ts";

/** Write units of an item of that many bytes: one for each KB begun, at least one. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1_024));

/** Read units of that many bytes: one for each 4 KB begun, at least one; half of it for an eventual read. */
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / 4_096)) * (consistent ? 1 : 0.5);

/** The answer's ConsumedCapacity, where it was asked for. */
export function consumed(
  asked: ReturnCapacity | undefined,
  TableName: string,
  CapacityUnits: number,
): { ConsumedCapacity?: ConsumedCapacity } {
  return asked === undefined || asked === "NONE" ? {} : { ConsumedCapacity: { TableName, CapacityUnits } };
}

/** The answer's ConsumedCapacity of a call to several tables. */
export function consumedByTable(
  asked: ReturnCapacity | undefined,
  units: ReadonlyMap<string, number>,
): { ConsumedCapacity?: readonly ConsumedCapacity[] } {
  if (asked === undefined || asked === "NONE") return {};
  return { ConsumedCapacity: [...units].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits })) };
}

/** Counts what the tables did. */
export class Meter implements DynamoDbStats {
  writeUnits = 0;
  readUnits = 0;
  writes = 0;
  reads = 0;
  readonly operations: Record<string, number> = {};

  called(operation: string): void {
    this.operations[operation] = (this.operations[operation] ?? 0) + 1;
  }

  wrote(units: number): number {
    this.writes += 1;
    this.writeUnits += units;
    return units;
  }

  read(units: number, items = 1): number {
    this.reads += items;
    this.readUnits += units;
    return units;
  }
}
