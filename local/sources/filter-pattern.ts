import { ServiceError } from "../models/service-error.ts";

/** Whether an event, as JSON gives it, fits. */
export type Filter = (event: unknown) => boolean;

type Fields = Readonly<Record<string, unknown>>;
/** Whether a field's value fits; undefined is a field that is not there. */
type Rule = (value: unknown) => boolean;

/**
 * An EventBridge event pattern, as the filters of event source mappings have them: fields nest, the rules of a list
 * are alternatives, and all fields must fit
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html). A number is compared as a number;
 * AWS compares its text, so that there 300 is not 3.0e2.
 * @throws ServiceError InvalidParameterValueException for what is no pattern
 */
export function filterOf(pattern: string): Filter {
  const parsed = parse(pattern);
  if (!isFields(parsed)) throw invalid(pattern, "it is no JSON object");
  return fieldsFilter(parsed, pattern);
}

function parse(pattern: string): unknown {
  try {
    return JSON.parse(pattern);
  } catch (cause) {
    throw invalid(pattern, String(cause));
  }
}

function fieldsFilter(fields: Fields, pattern: string): Filter {
  const filters = Object.entries(fields).map(([name, value]): Filter => {
    if (name === "$or") return anyOf(value, pattern);
    if (isFields(value)) {
      const inner = fieldsFilter(value, pattern);
      return (event) => inner(fieldOf(event, name));
    }
    const fits = listRule(value, pattern);
    return (event) => {
      const found = fieldOf(event, name);
      return Array.isArray(found) ? found.some(fits) : fits(found);
    };
  });
  return (event) => filters.every((filter) => filter(event));
}

function anyOf(alternatives: unknown, pattern: string): Filter {
  if (!Array.isArray(alternatives)) throw invalid(pattern, "$or is no list");
  const filters = alternatives.map((fields) => {
    if (!isFields(fields)) throw invalid(pattern, "$or has something that is no object");
    return fieldsFilter(fields, pattern);
  });
  return (event) => filters.some((filter) => filter(event));
}

function listRule(list: unknown, pattern: string): Rule {
  if (!Array.isArray(list) || list.length === 0) throw invalid(pattern, "a rule is no list");
  const rules = list.map((rule) => (isFields(rule) ? operatorRule(rule, pattern) : equals(rule)));
  return (value) => rules.some((fits) => fits(value));
}

const equals =
  (wanted: unknown): Rule =>
  (value) =>
    value === wanted;

function operatorRule(rule: Fields, pattern: string): Rule {
  const [[operator, operand] = ["", undefined], ...more] = Object.entries(rule);
  if (more.length > 0) throw invalid(pattern, "a rule has more than one operator");
  if (operator === "exists") return (value) => (value !== undefined) === operand;
  if (operator === "numeric" && Array.isArray(operand)) return numericRule(operand, pattern);
  if (operator === "anything-but") {
    const unwanted = [operand].flat();
    return (value) => value !== undefined && !unwanted.includes(value);
  }
  if (typeof operand !== "string")
    throw invalid(pattern, `${operator} is not known, or not with this operand`);
  const rules: Readonly<Record<string, (text: string) => boolean>> = {
    prefix: (text) => text.startsWith(operand),
    suffix: (text) => text.endsWith(operand),
    "equals-ignore-case": (text) => text.toLowerCase() === operand.toLowerCase(),
  };
  const fits = Object.hasOwn(rules, operator) ? rules[operator] : undefined;
  if (fits === undefined) throw invalid(pattern, `${operator} is not known`);
  return (value) => typeof value === "string" && fits(value);
}

const COMPARISONS: ReadonlyMap<unknown, (value: number, bound: number) => boolean> = new Map([
  ["=", (value, bound) => value === bound],
  ["<", (value, bound) => value < bound],
  ["<=", (value, bound) => value <= bound],
  [">", (value, bound) => value > bound],
  [">=", (value, bound) => value >= bound],
]);

/** `[">", 10, "<=", 20]` */
function numericRule(operands: readonly unknown[], pattern: string): Rule {
  const rules: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operands.length; index += 2) {
    const [compare, bound] = [COMPARISONS.get(operands[index]), operands[index + 1]];
    if (compare === undefined || typeof bound !== "number")
      throw invalid(pattern, "numeric is not understood");
    rules.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && rules.every((fits) => fits(value));
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const fieldOf = (event: unknown, name: string): unknown =>
  isFields(event) && Object.hasOwn(event, name) ? event[name] : undefined;

const invalid = (pattern: string, why: string): ServiceError =>
  new ServiceError("InvalidParameterValueException", `Invalid filter pattern definition. ${pattern}: ${why}`);
