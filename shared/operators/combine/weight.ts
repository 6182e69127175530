/**
 * About how many characters a value takes in a frame; undefined for one that is not plain data all the way down, or that
 * takes more than `most`. What has a weight is what the codec keeps and gives back as it was, and a weight of n takes
 * 6 n bytes at most, as texts do that are all escapes.
 */
export function weightOf(value: unknown, most: number): number | undefined {
  const left = leftOf(value, most, 0);
  return left < 0 ? undefined : most - left;
}

const TOO_MUCH = -1;
const DEEPEST = 50;
/** `{"$mr":["undefined"]}` and the like. */
const TAGGED = 24;

/** What is left of `left` once the value is taken off it. */
function leftOf(value: unknown, left: number, depth: number): number {
  switch (typeof value) {
    case "string":
      return left - value.length - 3;
    case "number":
      return left - digitsOf(value);
    case "boolean":
      return left - 6;
    case "bigint":
      return left - TAGGED - String(value).length;
    case "undefined":
      return left - TAGGED;
    case "object":
      if (value === null) return left - 5;
      return left < 0 || depth === DEEPEST ? TOO_MUCH : leftOfObject(value, left, depth + 1);
    default:
      return TOO_MUCH;
  }
}

const digitsOf = (value: number): number => {
  if (value !== (value | 0)) return 25;
  if (value < 0) return value > -1_000 ? 5 : 12;
  return value < 1_000 ? 4 : value < 1_000_000 ? 7 : 11;
};

function leftOfObject(value: object, before: number, depth: number): number {
  let left = before - 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i += 1) left = leftOf(value[i], left, depth);
    return left;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) {
    const fields = value as Record<string, unknown>;
    for (const name in fields) left = leftOf(fields[name], left - name.length - 3, depth);
    return left;
  }
  if (prototype === Map.prototype) {
    left -= TAGGED;
    for (const [key, one] of value as Map<unknown, unknown>) {
      if (left < 0) break;
      left = leftOf(one, leftOf(key, left - 2, depth), depth);
    }
    return left;
  }
  // in base64
  if (prototype === Uint8Array.prototype) return left - TAGGED - (value as Uint8Array).length * 1.4;
  return TOO_MUCH;
}
