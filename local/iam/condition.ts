import { arityOf, type Keys } from "./condition-keys.ts";
import { type Comparison, OPERATORS } from "./condition-operators.ts";
import { type Pattern, patternOf, type Variables } from "./pattern.ts";
import { invalid, unsupported } from "./policy-error.ts";

/** One entry of a statement's Condition block: an operator, a key, and the values of which one must fit. */
export type Condition = {
  /** Whether it holds for a call with these keys. A variable without a value lets it fail, negated or not. */
  holds(keys: Keys, variables: Variables): boolean;
};

type Fits = Pick<Pattern, "needs" | "fits">;

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/;

/**
 * Reads an entry of a Condition block.
 * @param where - its place in the template, for the message
 * @throws MillraceError LOCAL_RESOURCE_UNSUPPORTED for an operator or a key that is not modelled,
 *   LOCAL_TEMPLATE_INVALID for a value that the operator cannot compare
 */
export function readCondition(
  name: string,
  key: string,
  values: readonly string[],
  hasVariables: boolean,
  where: string,
): Condition {
  const arity = arityOf(key);
  if (arity === undefined) throw unsupported(where, `has the condition key ${key}, which is not modelled`);
  if (name === "Null") return nullCondition(key, values, where);
  const [, quantifier, base = "", ifExists] = OPERATOR.exec(name) ?? [];
  const operator = OPERATORS.get(base);
  // what ForAnyValue with IfExists means for a missing key, the User Guide leaves open
  if (operator === undefined || (quantifier === "ForAnyValue" && ifExists !== undefined))
    throw unsupported(where, `has the condition operator ${name}, which is not modelled`);
  if (arity === "many" && quantifier === undefined)
    throw unsupported(where, `compares ${key}, which has many values, without ForAllValues or ForAnyValue`);
  const { comparison, isNegated } = operator;
  const wanted = values.map((value) => readValue(comparison, value, hasVariables, where));
  const needs = wanted.flatMap((value) => value.needs);
  const fitsOne = (value: string, variables: Variables) =>
    wanted.some(({ fits }) => fits(value, variables)) !== isNegated;
  const lowerKey = key.toLowerCase();
  return {
    holds: (keys, variables) => {
      const given = keys(lowerKey);
      if (given === undefined && ifExists !== undefined) return true;
      if (needs.some((variable) => variables(variable) === undefined)) return false;
      if (quantifier === "ForAllValues")
        return isEmpty(given) || given.every((value) => fitsOne(value, variables));
      if (quantifier === "ForAnyValue") return given?.some((value) => fitsOne(value, variables)) ?? false;
      return given === undefined ? isNegated : given.some((value) => fitsOne(value, variables));
    },
  };
}

/** "No context keys in the request, or a value that resolves to a null dataset, such as an empty string." */
const isEmpty = (given: readonly string[] | undefined): given is undefined =>
  given === undefined || given.every((value) => value === "");

/** `"Null": { key: "true" }` holds where the call has no value for the key, `"false"` where it has one. */
function nullCondition(key: string, values: readonly string[], where: string): Condition {
  const wanted = values.map((value) => {
    if (value !== "true" && value !== "false") throw invalid(where, `compares Null with "${value}"`);
    return value === "true";
  });
  const lowerKey = key.toLowerCase();
  return { holds: (keys) => wanted.includes(isEmpty(keys(lowerKey))) };
}

function readValue(comparison: Comparison, value: string, hasVariables: boolean, where: string): Fits {
  if ("pattern" in comparison) {
    const ignoresCase = comparison.ignoresCase === true;
    if (comparison.pattern === "arn" && value.split(":").length < 6 && !value.includes("${"))
      throw invalid(where, `compares with "${value}", which is no ARN`);
    const pattern = patternOf(ignoresCase ? value.toLowerCase() : value, comparison.pattern, hasVariables);
    if (!ignoresCase) return pattern;
    const lower =
      (variables: Variables): Variables =>
      (key) =>
        variables(key)?.toLowerCase();
    return {
      needs: pattern.needs,
      fits: (text, variables) => pattern.fits(text.toLowerCase(), lower(variables)),
    };
  }
  const test = comparison.test(value);
  if (test === undefined) throw invalid(where, `compares with "${value}", which its operator cannot read`);
  return { needs: [], fits: test };
}
