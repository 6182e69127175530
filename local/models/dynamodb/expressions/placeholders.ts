import type { AttributeValue } from "../attribute-value.ts";
import { checkedValue } from "../check-values.ts";
import type { Names, Values } from "../dynamodb-api.ts";
import { invalidExpression, validation } from "../validation.ts";

/**
 * What the `#names` and `:values` of a request stand for. DynamoDB refuses one that no expression uses,
 * so their use is noted.
 */
export class Placeholders {
  readonly #names: Names;
  readonly #values: Values;
  readonly #unused: Set<string>;

  constructor(names: Names | undefined, values: Values | undefined) {
    this.#names = names ?? {};
    this.#values = values ?? {};
    this.#unused = new Set([...Object.keys(this.#names), ...Object.keys(this.#values)]);
  }

  name(kind: string, placeholder: string): string {
    const name = Object.hasOwn(this.#names, placeholder) ? this.#names[placeholder] : undefined;
    if (name === undefined)
      throw invalidExpression(
        kind,
        `An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
      );
    this.#unused.delete(placeholder);
    return name;
  }

  value(kind: string, placeholder: string): AttributeValue {
    const value = Object.hasOwn(this.#values, placeholder) ? this.#values[placeholder] : undefined;
    if (value === undefined)
      throw invalidExpression(
        kind,
        `An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
      );
    this.#unused.delete(placeholder);
    return checkedValue(value);
  }

  /** Throws for placeholders that no expression of the request used; called once all were parsed. */
  checkAllUsed(): void {
    const unused = [...this.#unused];
    if (unused.length === 0) return;
    const which = unused[0]?.startsWith("#") ? "Names" : "Values";
    throw validation(
      `Value provided in ExpressionAttribute${which} unused in expressions: keys: {${unused.join(", ")}}`,
    );
  }
}
