import type { ConsumedCapacity, DynamoDbStats, ReturnCapacity } from "./dynamodb-api.ts";

/** Write units of an item of that many bytes: one for each KB begun, at least one. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1_024));

/** Read units of that many bytes: one for each 4 KB begun, at least one; half of it for an eventual read. */
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / 4_096)) * (consistent ? 1 : 0.5);

/** What was consumed of a table, and of its indexes by their names. */
export type Units = { readonly table: number; readonly indexes: readonly IndexUnits[] };
export type IndexUnits = { readonly name: string; readonly units: number };

const NO_INDEXES: readonly IndexUnits[] = [];

export const tableUnits = (table: number): Units => ({ table, indexes: NO_INDEXES });

export const totalOf = ({ table, indexes }: Units): number =>
  indexes.reduce((sum, { units }) => sum + units, table);

/** The answer's ConsumedCapacity, where it was asked for. */
export function consumed(
  asked: ReturnCapacity | undefined,
  TableName: string,
  units: Units,
): { ConsumedCapacity?: ConsumedCapacity } {
  return asked === undefined || asked === "NONE"
    ? {}
    : { ConsumedCapacity: shown(asked, TableName, units, undefined) };
}

/** What a call to several tables consumed. */
export class Bill {
  readonly #byTable = new Map<string, Units>();

  add(table: string, { table: more, indexes }: Units): void {
    const before = this.#byTable.get(table) ?? tableUnits(0);
    this.#byTable.set(table, {
      table: before.table + more,
      indexes: [...before.indexes, ...indexes],
    });
  }

  /**
   * The answer's ConsumedCapacity, where it was asked for.
   * @param kind - given for a transaction, which says of all units whether they were for reads or writes
   */
  consumed(
    asked: ReturnCapacity | undefined,
    kind?: "Read" | "Write",
  ): { ConsumedCapacity?: readonly ConsumedCapacity[] } {
    if (asked === undefined || asked === "NONE") return {};
    return { ConsumedCapacity: [...this.#byTable].map(([table, units]) => shown(asked, table, units, kind)) };
  }
}

function shown(
  asked: ReturnCapacity,
  TableName: string,
  units: Units,
  kind: "Read" | "Write" | undefined,
): ConsumedCapacity {
  const capacity = (CapacityUnits: number) => ({
    CapacityUnits,
    ...(kind !== undefined && { [`${kind}CapacityUnits`]: CapacityUnits }),
  });
  const total = { TableName, ...capacity(totalOf(units)) };
  if (asked === "TOTAL") return total;
  const byIndex = new Map<string, number>();
  for (const { name, units: more } of units.indexes) byIndex.set(name, (byIndex.get(name) ?? 0) + more);
  return {
    ...total,
    Table: capacity(units.table),
    ...(byIndex.size > 0 && {
      GlobalSecondaryIndexes: Object.fromEntries([...byIndex].map(([name, n]) => [name, capacity(n)])),
    }),
  };
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

  wrote(units: Units): Units {
    this.writes += 1;
    this.writeUnits += totalOf(units);
    return units;
  }

  read(units: Units, items = 1): Units {
    this.reads += items;
    this.readUnits += totalOf(units);
    return units;
  }
}
