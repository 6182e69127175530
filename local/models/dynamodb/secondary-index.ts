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

/** A global secondary index: the items that have its key, with the attributes that it projects. */
export class SecondaryIndexRows {
  readonly spec: KeySpec;
  readonly rows: KeyedRows = new KeyedRows();
  readonly #tableSpec: KeySpec;
  /** Undefined where the index projects all attributes. */
  readonly #attributes: ReadonlySet<string> | undefined;

  constructor(index: SecondaryIndex, spec: KeySpec, tableSpec: KeySpec) {
    this.spec = spec;
    this.#tableSpec = tableSpec;
    const keys = [...keyAttributes(spec), ...keyAttributes(tableSpec)].map(({ name }) => name);
    const { ProjectionType: type = "ALL", NonKeyAttributes: others = [] } = index.Projection ?? {};
    this.#attributes = type === "ALL" ? undefined : new Set([...keys, ...others]);
  }

  /** Checks that an item's values for the index's key, where it has them, are of the key's types. */
  check(item: Item): void {
    for (const attribute of keyAttributes(this.spec)) {
      const { name, type } = attribute;
      const value = Object.hasOwn(item, name) ? item[name] : undefined;
      if (value !== undefined && typeOf(value) !== type)
        throw validation(
          `One or more parameter values were invalid: Type mismatch for Index Key ${name} ` +
            `Expected: ${type} Actual: ${typeOf(value)}`,
        );
      if (value !== undefined) checkKeyValue(attribute, value, attribute === this.spec.hash);
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

  /** Follows a change of the table; returns the write units that it costs in the index. */
  replace(old: Item | undefined, next: Item | undefined): number {
    const [before, after] = [this.#projected(old), this.#projected(next)];
    if (before !== undefined && after !== undefined && sameValue({ M: before }, { M: after })) return 0;
    const moved =
      before !== undefined &&
      after !== undefined &&
      identityOf(this.spec, before) !== identityOf(this.spec, after);
    if (before !== undefined && (after === undefined || moved))
      this.rows.delete(partitionOf(this.spec, before), this.#place(before));
    if (after !== undefined)
      this.rows.put(partitionOf(this.spec, after), {
        item: after,
        size: itemSize(after),
        ...this.#place(after),
      });
    const sizes = [before, after].flatMap((item) => (item === undefined ? [] : [itemSize(item)]));
    if (moved) return sizes.reduce((units, size) => units + writeUnits(size), 0);
    return sizes.length === 0 ? 0 : writeUnits(Math.max(...sizes));
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
