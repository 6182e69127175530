/**
 * Whether two values of a template are the same to CloudFormation: `5` and `"5"` are, `true` and `"true"` too; the
 * order of an object's members does not matter, that of a list does.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((entry, index) => sameValue(entry, b[index]))
    );
  if (isObject(a) && isObject(b)) return changedNames(a, b).length === 0;
  return isScalar(a) && isScalar(b) && String(a) === String(b);
}

/** The names of the members that differ, those that only one of the two has among them. */
export const changedNames = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !sameValue(before[name], after[name]),
  );

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
