import type { AttributeValue, Item } from "./attribute-value.ts";
import { typeOf } from "./compare-values.ts";
import type { AttributeDefinition, KeySchema } from "./dynamodb-api.ts";
import { valueSize } from "./item-size.ts";
import { validation } from "./validation.ts";

const MAX_HASH_BYTES = 2_048;
const MAX_RANGE_BYTES = 1_024;

export type KeyAttribute = { readonly name: string; readonly type: "S" | "N" | "B" };

/** Which attributes identify an item in a table or place it in an index. */
export type KeySpec = {
  readonly hash: KeyAttribute;
  readonly range: KeyAttribute | undefined;
  /** Undefined for a table. */
  readonly indexName?: string | undefined;
};

/** Reads a key schema that was checked. */
export function keySpecOf(
  schema: KeySchema,
  definitions: readonly AttributeDefinition[],
  indexName?: string,
): KeySpec {
  const attribute = (type: "HASH" | "RANGE"): KeyAttribute | undefined => {
    const name = schema.find((key) => key.KeyType === type)?.AttributeName;
    const definition = definitions.find((d) => d.AttributeName === name);
    return definition && { name: definition.AttributeName, type: definition.AttributeType };
  };
  const hash = attribute("HASH");
  if (hash === undefined)
    throw validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  return { hash, range: attribute("RANGE"), indexName };
}

export const keyAttributes = ({ hash, range }: KeySpec): KeyAttribute[] =>
  range === undefined ? [hash] : [hash, range];

export const isKeyAttribute = ({ hash, range }: KeySpec, name: string): boolean =>
  name === hash.name || name === range?.name;

/** Checks a `Key` parameter: exactly the key attributes, of the right types. */
export function checkKey(spec: KeySpec, key: Item): void {
  const attributes = keyAttributes(spec);
  const isComplete =
    Object.keys(key).length === attributes.length &&
    attributes.every(({ name, type }) => {
      const value = own(key, name);
      return value !== undefined && typeOf(value) === type;
    });
  if (!isComplete) throw validation("The provided key element does not match the schema");
  checkKeyValues(spec, key);
}

/** Checks that an item to be put has the key attributes, of the right types. */
export function checkKeyOfItem(spec: KeySpec, item: Item): void {
  for (const { name, type } of keyAttributes(spec)) {
    const value = own(item, name);
    if (value === undefined)
      throw validation(`One or more parameter values were invalid: Missing the key ${name} in the item`);
    if (typeOf(value) !== type)
      throw validation(
        `One or more parameter values were invalid: Type mismatch for key ${name} ` +
          `expected: ${type} actual: ${typeOf(value)}`,
      );
  }
  checkKeyValues(spec, item);
}

/** Checks that the key attributes that an item has are not empty and not too long. */
function checkKeyValues(spec: KeySpec, item: Item): void {
  for (const attribute of keyAttributes(spec)) {
    const value = own(item, attribute.name);
    if (value !== undefined) checkKeyValue(attribute, value, attribute === spec.hash, spec.indexName);
  }
}

/** Throws where the table's key has an empty string or binary; its types need not be right. */
export function checkKeyNotEmpty(spec: KeySpec, item: Item): void {
  for (const attribute of keyAttributes(spec)) {
    const value = own(item, attribute.name);
    if (value !== undefined && typeOf(value) === attribute.type && valueSize(value) === 0)
      checkKeyValue(attribute, value, attribute === spec.hash);
  }
}

/** Whether an item has what places it in an index; DynamoDB leaves the others out of it. */
export const hasKey = (spec: KeySpec, item: Item): boolean =>
  keyAttributes(spec).every(({ name }) => own(item, name) !== undefined);

/** The key attributes of an item, alone. */
export function keyOf({ hash, range }: KeySpec, item: Item): Item {
  const key: Record<string, AttributeValue> = {};
  for (const attribute of [hash, range]) {
    const value = attribute === undefined ? undefined : own(item, attribute.name);
    if (attribute !== undefined && value !== undefined) setOwn(key, attribute.name, value);
  }
  return key;
}

/** An attribute may be called `__proto__`. */
function setOwn(item: Record<string, AttributeValue>, name: string, value: AttributeValue): void {
  if (name === "__proto__") Object.defineProperty(item, name, { value, enumerable: true });
  else item[name] = value;
}

/** The hash key of an item as a text that only equal keys share. */
export const partitionOf = (spec: KeySpec, item: Item): string => identityOfValue(own(item, spec.hash.name));

export const sortKeyOf = (spec: KeySpec, item: Item): AttributeValue | undefined =>
  spec.range === undefined ? undefined : own(item, spec.range.name);

/** The whole key of an item as a text that only equal keys share. */
export const identityOf = (spec: KeySpec, item: Item): string =>
  JSON.stringify([partitionOf(spec, item), identityOfValue(sortKeyOf(spec, item))]);

function identityOfValue(value: AttributeValue | undefined): string {
  if (value === undefined) return "";
  if ("S" in value) return `S${value.S}`;
  if ("N" in value) return `N${value.N}`;
  if ("B" in value) return `B${Buffer.from(value.B).toString("latin1")}`;
  throw validation("The provided key element does not match the schema");
}

const own = (item: Item, name: string): AttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

/** Checks the value of one key attribute: not empty, not too long. */
export function checkKeyValue(
  { name, type }: KeyAttribute,
  value: AttributeValue,
  isHash: boolean,
  indexName?: string,
): void {
  if (type === "N") return;
  const bytes = valueSize(value);
  if (bytes === 0) {
    const [more, where] =
      indexName === undefined
        ? ["", `Key: ${name}`]
        : [
            "A value specified for a secondary index key is not supported. ",
            `IndexName: ${indexName}, IndexKey: ${name}`,
          ];
    throw validation(
      `One or more parameter values are not valid. ${more}The AttributeValue for a key attribute cannot ` +
        `contain an empty ${type === "S" ? "string" : "binary"} value. ${where}`,
    );
  }
  if (isHash && bytes > MAX_HASH_BYTES)
    throw validation(
      `One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of${MAX_HASH_BYTES} bytes`,
    );
  if (!isHash && bytes > MAX_RANGE_BYTES)
    throw validation(
      `One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of ${MAX_RANGE_BYTES} bytes`,
    );
}
