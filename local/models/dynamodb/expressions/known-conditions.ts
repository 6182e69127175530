import type { AttributeValue } from "../attribute-value.ts";
import { typeOf } from "../compare-values.ts";
import type { Names, Values } from "../dynamodb-api.ts";
import { boundCondition, isCheckedByValue } from "./bound-condition.ts";
import type { Condition } from "./condition.ts";
import { checkedPlaceholder } from "./placeholders.ts";

/** Expressions, and requests of one that differ in their names or in the types of their values, that are known. */
const MAX_EXPRESSIONS = 500;
const MAX_OF_ONE = 8;

/** What stands in for values, which are not kept: they may be large. */
const NO_VALUE: AttributeValue = { NULL: true };

type Known = {
  readonly names: ReadonlyMap<string, string>;
  /** Type descriptors of the values. */
  readonly types: ReadonlyMap<string, string>;
  readonly condition: Condition;
};

/**
 * Condition expressions that were parsed before. An application's writes repeat a few of them with other values, and to
 * parse one takes longer than to evaluate it. All that is checked of an expression depends on its text, on the
 * names and on the types of the values, but for what `isCheckedByValue`, which is parsed each time.
 */
export class KnownConditions {
  readonly #byExpression = new Map<string, Known[]>();

  /**
   * The condition, where it was remembered of a request with the same names and values of the same types, with the values
   * of this one, checked and in canonical form. Throws the ValidationException of a value that is none.
   */
  find(expression: string, names: Names | undefined, values: Values | undefined): Condition | undefined {
    const known = this.#byExpression
      .get(expression)
      ?.find((one) => hasNames(one, names) && hasTypes(one, values));
    if (known === undefined || values === undefined) return known?.condition;
    const checked = new Map<string, AttributeValue>();
    for (const placeholder of Object.keys(values))
      checked.set(placeholder, checkedPlaceholder(placeholder, values[placeholder] ?? NO_VALUE));
    return boundCondition(known.condition, (placeholder) => checked.get(placeholder) ?? NO_VALUE);
  }

  /** Takes in a condition that was parsed, all of whose names and values are used. */
  remember(
    expression: string,
    names: Names | undefined,
    values: Values | undefined,
    condition: Condition,
  ): void {
    if (isCheckedByValue(condition)) return;
    let known = this.#byExpression.get(expression);
    if (known === undefined) {
      if (this.#byExpression.size === MAX_EXPRESSIONS) this.#byExpression.clear();
      known = [];
      this.#byExpression.set(expression, known);
    }
    if (known.length === MAX_OF_ONE) known.shift();
    known.push({
      names: new Map(Object.entries(names ?? {})),
      types: new Map(Object.entries(values ?? {}).map(([name, value]) => [name, typeOf(value)])),
      condition: boundCondition(condition, () => NO_VALUE),
    });
  }
}

function hasNames({ names: known }: Known, names: Names | undefined): boolean {
  let count = 0;
  for (const placeholder in names) {
    if (known.get(placeholder) !== names[placeholder]) return false;
    count += 1;
  }
  return count === known.size && (names === undefined || count > 0);
}

function hasTypes({ types }: Known, values: Values | undefined): boolean {
  let count = 0;
  for (const placeholder in values) {
    const value = values[placeholder];
    if (value === undefined || types.get(placeholder) !== typeOf(value)) return false;
    count += 1;
  }
  return count === types.size && (values === undefined || count > 0);
}
