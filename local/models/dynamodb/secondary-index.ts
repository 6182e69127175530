import { ServiceError } from "../service-error.ts";
import type { Item } from "./attribute-value.ts";
import { writeUnits } from "./capacity.ts";
import { sameValue, typeOf } from "./compare-values.ts";
import type { SecondaryIndex } from "./dynamodb-api.ts";
import { itemSize } from "./item-size.ts";
import {
  checkKeyValue,
  hasKey,
  identityOf,
  type KeySpec,
  keyAttributes,
  partitionOf,
  sortKeyOf,
} from "./key-spec.ts";
import { KeyedRows, type Place } from "./keyed-rows.ts";
import { validation } from "./validation.ts";

/** What a write of the table changes in an index. */
export type IndexChange = {
  readonly index: SecondaryIndexRows;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** What it costs: a write, or two where the entry goes from one key to another. */
  readonly units: number;
};

/** A global secondary index: the items that have its key, with the attributes that it projects. */
export class SecondaryIndexRows {
  readonly name: string;
  readonly spec: KeySpec;
  readonly rows: KeyedRows = new KeyedRows();
  readonly #tableSpec: KeySpec;
  /** Undefined where the index projects all attributes. */
  readonly #attributes: ReadonlySet<string> | undefined;

  constructor(index: SecondaryIndex, spec: KeySpec, tableSpec: KeySpec) {
    this.name = index.IndexName;
    this.spec = spec;
    this.#tableSpec = tableSpec;
    const keys = [...keyAttributes(spec), ...keyAttributes(tableSpec)].map(({ name }) => name);
    const { ProjectionType: type, NonKeyAttributes: others = [] } = index.Projection;
    this.#attributes = type === "ALL" ? undefined : new Set([...keys, ...others]);
  }

  /** Whether an attribute of the table's items is in the index. */
  projects(attribute: string): boolean {
    return this.#attributes?.has(attribute) ?? true;
  }

  get projectsAll(): boolean {
    return this.#attributes === undefined;
  }

  /** Checks that an item's values for the index's key, where it has them, are of the key's types. */
  check(item: Item): void {
    for (const attribute of keyAttributes(this.spec)) {
      const { name, type } = attribute;
      const value = Object.hasOwn(item, name) ? item[name] : undefined;
      if (value !== undefined && typeOf(value) !== type)
        throw validation(
          `One or more parameter values were invalid: Type mismatch for Index Key ${name} ` +
            `Expected: ${type} Actual: ${typeOf(value)} IndexName: ${this.name}`,
        );
      if (value !== undefined) checkKeyValue(attribute, value, attribute === this.spec.hash, this.name);
    }
  }

  /** Whether an item's values for the index's key, where it has them, are such as `check` lets pass. */
  takes(item: Item): boolean {
    try {
      this.check(item);
      return true;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  }

  /** What a change of the table's item changes here; undefined where it leaves the index as it is, which is free. */
  changeOf(old: Item | undefined, next: Item | undefined): IndexChange | undefined {
    const [before, after] = [this.#projected(old), this.#projected(next)];
    if (before === undefined && after === undefined) return undefined;
    if (before === undefined || after === undefined)
      return { index: this, before, after, units: writeUnits(itemSize(before ?? after ?? {})) };
    if (sameValue({ M: before }, { M: after })) return undefined;
    const [from, to] = [itemSize(before), itemSize(after)];
    const moves = identityOf(this.spec, before) !== identityOf(this.spec, after);
    const units = moves ? writeUnits(from) + writeUnits(to) : writeUnits(Math.max(from, to));
    return { index: this, before, after, units };
  }

  apply({ before, after }: IndexChange): void {
    if (before !== undefined) this.rows.delete(partitionOf(this.spec, before), this.#place(before));
    if (after !== undefined)
      this.rows.put(partitionOf(this.spec, after), {
        item: after,
        size: itemSize(after),
        ...this.#place(after),
      });
  }

  #place(item: Item): Place {
    return { sort: sortKeyOf(this.spec, item), tie: identityOf(this.#tableSpec, item) };
  }

  #projected(item: Item | undefined): Item | undefined {
    if (item === undefined || !hasKey(this.spec, item)) return undefined;
    const attributes = this.#attributes;
    if (attributes === undefined) return item;
    return Object.fromEntries(Object.entries(item).filter(([name]) => attributes.has(name)));
  }
}
