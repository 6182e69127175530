import { ServiceError } from "../../service-error.ts";
import type { AttributeValue } from "../attribute-value.ts";
import { checkedValue } from "../check-values.ts";
import type { Names, Values } from "../dynamodb-api.ts";
import { validation } from "../validation.ts";

/** The expressions of a request by their parameters; those that it may have and has not are undefined. */
export type Expressions = Readonly<Record<string, string | undefined>>;

/**
 * What the `#names` and `:values` of a request stand for. DynamoDB refuses one that no expression uses,
 * so their use is noted.
 */
export class Placeholders {
  readonly #names: Readonly<Record<string, string>>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #unused = new Set<string>();

  /** Checks the values, and that there are expressions for them. Throws ValidationException. */
  constructor(names: Names | undefined, values: Values | undefined, expressions: Expressions) {
    if (names !== undefined) checkNames(names, expressions);
    if (values !== undefined) checkHasExpression(expressions);
    this.#names = names ?? {};
    this.#values = values === undefined ? NO_VALUES : checkedValues(values);
    for (const name in names) this.#unused.add(name);
    for (const name of this.#values.keys()) this.#unused.add(name);
  }

  /** The attribute's name for `#name`. */
  name(placeholder: string): string | undefined {
    this.#unused.delete(placeholder);
    return Object.hasOwn(this.#names, placeholder) ? this.#names[placeholder] : undefined;
  }

  /** The value for `:value`, checked and in canonical form. */
  value(placeholder: string): AttributeValue | undefined {
    this.#unused.delete(placeholder);
    return this.#values.get(placeholder);
  }

  /** Throws for placeholders that no expression of the request used; called once all were parsed. */
  checkAllUsed(): void {
    if (this.#unused.size === 0) return;
    const unused = [...this.#unused];
    const names = unused.filter((placeholder) => placeholder.startsWith("#"));
    const [which, keys] = names.length > 0 ? ["Names", names] : ["Values", unused];
    throw validation(
      `Value provided in ExpressionAttribute${which} unused in expressions: keys: {${keys.join(", ")}}`,
    );
  }
}

const NO_VALUES: ReadonlyMap<string, AttributeValue> = new Map();

function checkNames(names: Names, expressions: Expressions): void {
  if (Object.values(expressions).every((expression) => expression === undefined))
    throw validation("ExpressionAttributeNames can only be specified when using expressions");
  checkKeys("ExpressionAttributeNames", names, /^#\w+$/);
}

function checkHasExpression(expressions: Expressions): void {
  const withValues = Object.entries(expressions).filter(([kind]) => kind !== "ProjectionExpression");
  if (withValues.some(([, expression]) => expression !== undefined)) return;
  const kinds = withValues.map(([kind]) => kind);
  throw validation(
    "ExpressionAttributeValues can only be specified when using expressions: " +
      `${kinds.join(" and ")} ${kinds.length > 1 ? "are" : "is"} null`,
  );
}

function checkedValues(values: Values): ReadonlyMap<string, AttributeValue> {
  checkKeys("ExpressionAttributeValues", values, /^:\w+$/);
  return new Map(
    Object.entries(values).map(([placeholder, value]) => [
      placeholder,
      checkedPlaceholder(placeholder, value),
    ]),
  );
}

/** The value of a `:value`, checked and in canonical form. Throws ValidationException. */
export function checkedPlaceholder(placeholder: string, value: AttributeValue): AttributeValue {
  try {
    return checkedValue(value);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw validation(
      `ExpressionAttributeValues contains invalid value: ${error.message} for key ${placeholder}`,
    );
  }
}

function checkKeys(parameter: string, placeholders: object, pattern: RegExp): void {
  const keys = Object.keys(placeholders);
  if (keys.length === 0) throw validation(`${parameter} must not be empty`);
  const invalid = keys.find((key) => !pattern.test(key));
  if (invalid !== undefined)
    throw validation(`${parameter} contains invalid key: Syntax error; key: "${invalid}"`);
}
