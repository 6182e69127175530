import type { AttributeDefinition, CreateTableInput, KeySchema, SecondaryIndex } from "./dynamodb-api.ts";
import { validation } from "./validation.ts";

/** "Secondary indexes" in "Service, account, and table quotas", Amazon DynamoDB Developer Guide. */
const MAX_INDEXES = 20;

/** Checks what a table is to be: its keys and its indexes. Throws ValidationException. */
export function checkTable(input: CreateTableInput): void {
  const { KeySchema, AttributeDefinitions: definitions, GlobalSecondaryIndexes: indexes = [] } = input;
  if (!/^[\w.-]{3,255}$/.test(input.TableName))
    throw validation(
      "TableName must be at least 3 characters long and at most 255 characters long, of the characters [a-zA-Z0-9_.-]",
    );
  checkKeySchema(KeySchema, definitions);
  if (input.GlobalSecondaryIndexes?.length === 0) throw invalid("List of GlobalSecondaryIndexes is empty");
  for (const index of indexes) checkIndex(index, input);
  const twice = indexes.find(({ IndexName }, i) => indexes.findIndex((o) => o.IndexName === IndexName) < i);
  if (twice !== undefined) throw invalid(`Duplicate index name: ${twice.IndexName}`);
  if (indexes.length > MAX_INDEXES)
    throw invalid(`GlobalSecondaryIndex count exceeds the per-table limit of ${MAX_INDEXES}`);
  checkNoSpareDefinitions(definitions, keyNames(KeySchema, ...indexes.map((index) => index.KeySchema)));
}

/** The names of all key attributes. */
export const keyNames = (...schemas: readonly KeySchema[]): ReadonlySet<string> =>
  new Set(schemas.flatMap((schema) => schema.map(({ AttributeName }) => AttributeName)));

export function checkNoSpareDefinitions(
  definitions: readonly AttributeDefinition[],
  used: ReadonlySet<string>,
): void {
  const spare = definitions.filter(({ AttributeName }) => !used.has(AttributeName));
  if (spare.length > 0)
    throw invalid(
      `Some AttributeDefinitions are not used. AttributeDefinitions: [${namesOf(definitions)}], ` +
        `keys used: [${[...used].join(", ")}]`,
    );
}

function checkKeySchema(schema: KeySchema, definitions: readonly AttributeDefinition[]): void {
  const names = schema.map(({ AttributeName }) => AttributeName);
  const [first, second] = schema;
  const undefinedNames = names.filter((name) => definitions.every((d) => d.AttributeName !== name));
  if (undefinedNames.length > 0)
    throw invalid(
      "Some index key attributes are not defined in AttributeDefinitions. " +
        `Keys: [${names.join(", ")}], AttributeDefinitions: [${namesOf(definitions)}]`,
    );
  if (names.length === 2 && names[0] === names[1])
    throw validation("Both the Hash Key and the Range Key element in the KeySchema have the same name");
  if (first?.KeyType !== "HASH")
    throw validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  if (second !== undefined && second.KeyType !== "RANGE")
    throw validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
}

function checkIndex(index: SecondaryIndex, table: CreateTableInput): void {
  checkKeySchema(index.KeySchema, table.AttributeDefinitions);
  const { ProjectionType: type, NonKeyAttributes: attributes } = index.Projection;
  if (type === undefined) throw invalid("Unknown ProjectionType: null");
  if (type === "INCLUDE" && attributes === undefined)
    throw invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
  if (type !== "INCLUDE" && attributes !== undefined)
    throw invalid(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
}

const namesOf = (definitions: readonly AttributeDefinition[]): string =>
  definitions.map(({ AttributeName }) => AttributeName).join(", ");

const invalid = (why: string): Error => validation(`One or more parameter values were invalid: ${why}`);
