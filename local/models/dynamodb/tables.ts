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

  /** Up to so many names behind one, in order, and whether more follow. */
  names(after: string, limit: number): { readonly names: readonly string[]; readonly more: boolean } {
    const names = [...this.#tables.keys()].filter((name) => name > after).sort();
    return { names: names.slice(0, limit), more: names.length > limit };
  }

  all(): IterableIterator<Table> {
    return this.#tables.values();
  }

  /** The table of a name or ARN; undefined where there is none. */
  find(nameOrArn: string): Table | undefined {
    return this.#tables.get(nameOf(nameOrArn));
  }

  /** The same; throws ResourceNotFoundException where there is none, in the words of operations on items. */
  get(nameOrArn: string): Table {
    const table = this.find(nameOrArn);
    if (table !== undefined) return table;
    throw new ServiceError("ResourceNotFoundException", "Requested resource not found");
  }

  /** The same, in the words of operations on tables. */
  named(nameOrArn: string): Table {
    const table = this.find(nameOrArn);
    if (table !== undefined) return table;
    throw new ServiceError(
      "ResourceNotFoundException",
      `Requested resource not found: Table: ${nameOf(nameOrArn)} not found`,
    );
  }
}

const nameOf = (nameOrArn: string): string =>
  nameOrArn.startsWith("arn:") ? nameInArn(nameOrArn) : nameOrArn;
