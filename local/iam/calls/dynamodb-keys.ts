import type { AttributeValue, Item } from "../../models/dynamodb/attribute-value.ts";
import { type Token, tokensOf } from "../../models/dynamodb/expressions/tokens.ts";
import type { Keys } from "../condition-keys.ts";
import { keysFrom } from "./call.ts";

/** The members of a request that name attributes; binary values are base64 texts, as they are sent. */
export type AttributesInput = {
  readonly Item?: Item;
  readonly Key?: Item;
  readonly Keys?: readonly Item[];
  readonly ProjectionExpression?: string;
  readonly ConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>>;
  readonly Select?: string;
  readonly ReturnValues?: string;
  readonly ReturnConsumedCapacity?: string;
};

const EXPRESSIONS = [
  "ProjectionExpression",
  "ConditionExpression",
  "FilterExpression",
  "KeyConditionExpression",
  "UpdateExpression",
] as const;

/**
 * The condition keys of a request about items, worked out only where a policy asks for them.
 * Source: "Using IAM policy conditions for fine-grained access control", Amazon DynamoDB Developer Guide.
 * @param hashKey - the name of the table's or index's partition key
 * @param enclosing - the transaction that the request is a part of
 */
export const dynamodbKeys = (
  input: AttributesInput,
  hashKey: () => string | undefined,
  enclosing?: string,
): Keys =>
  keysFrom({
    "dynamodb:leadingkeys": () => {
      const name = hashKey();
      return name === undefined ? undefined : leadingKeys(input, name);
    },
    "dynamodb:attributes": () => attributeNames(input),
    "dynamodb:select": input.Select,
    "dynamodb:returnvalues": input.ReturnValues,
    "dynamodb:returnconsumedcapacity": input.ReturnConsumedCapacity,
    "dynamodb:enclosingoperation": enclosing,
  });

const itemsOf = ({ Item, Key, Keys = [] }: AttributesInput): readonly Item[] =>
  [Item, Key, ...Keys].filter((item) => item !== undefined);

/** Values of the partition key; undefined for a Scan, which names none. */
function leadingKeys(input: AttributesInput, hashKey: string): readonly string[] | undefined {
  const ofItems = itemsOf(input).flatMap((item) => item[hashKey] ?? []);
  const queried = input.KeyConditionExpression === undefined ? undefined : queriedKey(input, hashKey);
  const values = queried === undefined ? ofItems : [...ofItems, queried];
  return values.length === 0 ? undefined : [...new Set(values.map(textOf))];
}

/** The value of `hashKey = :value`, or the other way round, in a key condition. */
function queriedKey(input: AttributesInput, hashKey: string): AttributeValue | undefined {
  const tokens = tokensOf("KeyConditionExpression", input.KeyConditionExpression ?? "");
  const at = tokens.findIndex(
    (token, index) =>
      nameOf(token, input) === hashKey &&
      (tokens[index + 1]?.text === "=" || tokens[index - 1]?.text === "="),
  );
  const other = tokens[at + 1]?.text === "=" ? tokens[at + 2] : tokens[at - 2];
  return at < 0 || other === undefined ? undefined : input.ExpressionAttributeValues?.[other.text];
}

/** Top-level attributes that the request names, be it in items, keys or expressions. */
function attributeNames(input: AttributesInput): readonly string[] | undefined {
  const names = new Set(itemsOf(input).flatMap((item) => Object.keys(item)));
  for (const kind of EXPRESSIONS) {
    const expression = input[kind];
    if (expression === undefined) continue;
    const tokens = tokensOf(kind, expression);
    tokens.forEach((token, index) => {
      const isNested = tokens[index - 1]?.text === ".";
      const isCall = token.kind === "word" && tokens[index + 1]?.text === "(";
      const name = nameOf(token, input);
      if (name !== undefined && !isNested && !isCall) names.add(name);
    });
  }
  return names.size === 0 ? undefined : [...names];
}

const KEYWORDS = new Set(["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"]);

function nameOf({ kind, text }: Token, { ExpressionAttributeNames }: AttributesInput): string | undefined {
  if (kind === "name") return ExpressionAttributeNames?.[text];
  return kind === "word" && !KEYWORDS.has(text.toUpperCase()) ? text : undefined;
}

/** A key's value as a condition compares it. */
const textOf = (value: AttributeValue): string => String(Object.values(value)[0]);
