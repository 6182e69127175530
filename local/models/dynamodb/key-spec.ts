import type { AttributeValue, Item } from "./attribute-value.ts";
import { typeOf } from "./compare-values.ts";
import type { AttributeDefinition, KeySchema } from "./dynamodb-api.ts";
import { valueSize } from "./item-size.ts";
import { validation } from "./validation.ts";

const MAX_HASH_BYTES = 2_048;
const MAX_RANGE_BYTES = 1_024;

export type KeyAttribute = { readonly name: string; readonly type: "S" | "N" | "B" };

/** Which attributes identify an item in a table or place it in an index. */
export type KeySpec = { readonly hash: KeyAttribute; readonly range: KeyAttribute | undefined };

/** Reads a key schema; a ValidationException where it has no hash key or names an attribute without a definition. */
export function keySpecOf(schema: KeySchema, definitions: readonly AttributeDefinition[]): KeySpec {
  const attribute = (type: "HASH" | "RANGE"): KeyAttribute | undefined => {
    const name = schema.find((key) => key.KeyType === type)?.AttributeName;
    if (name === undefined) return undefined;
    const definition = definitions.find((d) => d.AttributeName === name);
    if (definition === undefined)
      throw validation(
        `One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [${name}]`,
      );
    return { name, type: definition.AttributeType };
  };
  const hash = attribute("HASH");
  if (hash === undefined)
    throw validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  return { hash, range: attribute("RANGE") };
}

export const keyAttributes = ({ hash, range }: KeySpec): KeyAttribute[] =>
  range === undefined ? [hash] : [hash, range];

export const isKeyAttribute = ({ hash, range }: KeySpec, name: string): boolean =>
  name === hash.name || name === range?.name;

/** Checks a `Key` parameter: exactly the key attributes, of the right types. */
export function checkKey(spec: KeySpec, key: Item): void {
  if (Object.keys(key ?? {}).length !== keyAttributes(spec).length)
    throw validation("The provided key element does not match the schema");
  for (const attribute of keyAttributes(spec)) {
    const value = own(key, attribute.name);
    if (value === undefined || typeOf(value) !== attribute.type)
      throw validation("The provided key element does not match the schema");
    checkKeyValue(attribute, value, attribute === spec.hash);
  }
}

/** Checks that an item to be put has the key attributes, of the right types. */
export function checkKeyOfItem(spec: KeySpec, item: Item): void {
  for (const attribute of keyAttributes(spec)) {
    const value = own(item, attribute.name);
    if (value === undefined)
      throw validation(
        `One or more parameter values were invalid: Missing the key ${attribute.name} in the item`,
      );
    if (typeOf(value) !== attribute.type)
      throw validation(
        `One or more parameter values were invalid: Type mismatch for key ${attribute.name} ` +
          `expected: ${attribute.type} actual: ${typeOf(value)}`,
      );
    checkKeyValue(attribute, value, attribute === spec.hash);
  }
}

/** Whether an item has what places it in an index; DynamoDB leaves the others out of it. */
export const hasKey = (spec: KeySpec, item: Item): boolean =>
  keyAttributes(spec).every(({ name }) => own(item, name) !== undefined);

/** The key attributes of an item, alone. */
export const keyOf = (spec: KeySpec, item: Item): Item =>
  Object.fromEntries(
    keyAttributes(spec).flatMap(({ name }) => {
      const value = own(item, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

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
export function checkKeyValue(attribute: KeyAttribute, value: AttributeValue, isHash: boolean): void {
  const bytes = valueSize(value);
  if (bytes === 0)
    throw validation(
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an " +
        `empty ${attribute.type === "S" ? "string" : "binary"} value. Key: ${attribute.name}`,
    );
  const most = isHash ? MAX_HASH_BYTES : MAX_RANGE_BYTES;
  if (bytes > most)
    throw validation(
      `One or more parameter values were invalid: Size of ${isHash ? "hash" : "range"}key has exceeded ` +
        `the maximum size limit of ${most} bytes`,
    );
}
