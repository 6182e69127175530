import type { AttributeValue, Item } from "../attribute-value.ts";
import { invalidExpression } from "../validation.ts";

/** Steps into an item: names of attributes and map members, indexes of list elements. */
export type Path = readonly (string | number)[];

/** As DynamoDB's errors show it: `[a, b, [2]]`. */
export const pathText = (path: Path): string =>
  `[${path.map((step) => (typeof step === "number" ? `[${step}]` : step)).join(", ")}]`;

/** The value at a path; undefined where there is none. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) {
    if (value === undefined) return undefined;
    value = member(value, step);
  }
  return value;
}

/**
 * The item with the value at a path set (undefined removes it); what lies beside the path is shared, not copied.
 * A list grows by one element where the index is behind its end. Where the path's parent is not there, or no map or
 * list as its last step needs it, nothing changes.
 */
export function withValueAt(item: Item, path: Path, value: AttributeValue | undefined): Item {
  const changed = changedAt({ M: item }, path, 0, value);
  return "M" in changed ? changed.M : item;
}

/**
 * Throws a ValidationException where one of an expression's paths leads through another one, or where one takes for a
 * map what another takes for a list.
 */
export function checkNoOverlap(kind: string, paths: readonly Path[]): void {
  paths.forEach((path, i) => {
    for (const earlier of paths.slice(0, i)) {
      const clash = clashOf(earlier, path);
      if (clash !== undefined)
        throw invalidExpression(
          kind,
          `Two document paths ${clash} with each other; must remove or rewrite one of these paths; ` +
            `path one: ${pathText(earlier)}, path two: ${pathText(path)}`,
        );
    }
  });
}

function clashOf(a: Path, b: Path): "overlap" | "conflict" | undefined {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1)
    if (a[i] !== b[i]) return typeof a[i] === typeof b[i] ? undefined : "conflict";
  return "overlap";
}

function member(value: AttributeValue, step: string | number): AttributeValue | undefined {
  if (typeof step === "number") return "L" in value ? value.L[step] : undefined;
  return "M" in value && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
}

function changedAt(
  value: AttributeValue,
  path: Path,
  depth: number,
  leaf: AttributeValue | undefined,
): AttributeValue {
  const step = path[depth];
  if (step === undefined) return value;
  const isLast = depth === path.length - 1;
  const child = member(value, step);
  if (!isLast && child === undefined) return value;
  const next = isLast || child === undefined ? leaf : changedAt(child, path, depth + 1, leaf);

  if (typeof step === "string") {
    if (!("M" in value)) return value;
    if (next !== undefined) return { M: { ...value.M, [step]: next } };
    return { M: Object.fromEntries(Object.entries(value.M).filter(([name]) => name !== step)) };
  }
  if (!("L" in value)) return value;
  if (next === undefined) return { L: value.L.filter((_, i) => i !== step) };
  return { L: step < value.L.length ? value.L.with(step, next) : [...value.L, next] };
}
