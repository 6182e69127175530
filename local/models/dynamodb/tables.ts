import { nameInArn } from "../arn.ts";
import { ServiceError } from "../service-error.ts";
import type { Table } from "./table.ts";

/** The tables of a model, by name. */
export class Tables {
  readonly #tables = new Map<string, Table>();

  has(name: string): boolean {
    return this.#tables.has(name);
  }

  add(table: Table): void {
    this.#tables.set(table.name, table);
  }

  delete(table: Table): void {
    this.#tables.delete(table.name);
  }

  names(): string[] {
    return [...this.#tables.keys()].sort();
  }

  all(): IterableIterator<Table> {
    return this.#tables.values();
  }

  /** The table of a name or ARN; undefined where there is none. */
  find(nameOrArn: string): Table | undefined {
    return this.#tables.get(nameOf(nameOrArn));
  }

  /** The same; throws ResourceNotFoundException where there is none. */
  get(nameOrArn: string): Table {
    const table = this.find(nameOrArn);
    if (table !== undefined) return table;
    throw new ServiceError(
      "ResourceNotFoundException",
      `Requested resource not found: Table: ${nameOf(nameOrArn)} not found`,
    );
  }
}

const nameOf = (nameOrArn: string): string =>
  nameOrArn?.startsWith("arn:") ? nameInArn(nameOrArn) : nameOrArn;
