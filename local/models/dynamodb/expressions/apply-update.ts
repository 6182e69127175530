import type { AttributeValue, Item } from "../attribute-value.ts";
import { elementsOf, sameValue, typeOf } from "../compare-values.ts";
import { addNumbers } from "../decimal.ts";
import { validation } from "../validation.ts";
import { type Path, valueAt, withValueAt } from "./document-path.ts";
import type { SetValue } from "./set-value.ts";
import type { UpdateAction } from "./update.ts";

type Change = { readonly path: Path; readonly value: AttributeValue | undefined };

/**
 * The item after an update. Every right side reads the item as it was before; elements are removed from lists last
 * and from the back, so that indexes mean what they meant before. Throws ValidationException: first where a path has
 * no place in the item, then where an operand is not there or of a wrong type.
 */
export function updatedItem(actions: readonly UpdateAction[], item: Item): Item {
  if (actions.some(({ path }) => !hasPlaceFor(item, path)))
    throw validation("The document path provided in the update expression is invalid for update");
  const changes = actions.map((action) => changeOf(action, item));
  const sets = changes.filter(({ value }) => value !== undefined).sort(byLastIndex);
  const removals = changes.filter(
    ({ path, value }) => value === undefined && valueAt(item, path) !== undefined,
  );
  const ordered = [...sets, ...removals.sort(byLastIndex).reverse()];
  return ordered.reduce((updated, { path, value }) => withValueAt(updated, path, value), item);
}

/** Whether what a path's last step leads into is there, and a map or a list as the step needs it. */
function hasPlaceFor(item: Item, path: Path): boolean {
  const parent = valueAt(item, path.slice(0, -1));
  return parent !== undefined && (typeof path.at(-1) === "number" ? "L" in parent : "M" in parent);
}

function byLastIndex(a: Change, b: Change): number {
  const [x, y] = [a.path.at(-1), b.path.at(-1)];
  return typeof x === "number" && typeof y === "number" ? x - y : 0;
}

function changeOf(action: UpdateAction, item: Item): Change {
  const { path } = action;
  if (action.kind === "REMOVE") return { path, value: undefined };
  if (action.kind === "SET") return { path, value: setValue(action.to, item) };
  const old = valueAt(item, path);
  return { path, value: action.kind === "ADD" ? added(old, action.value) : without(old, action.value) };
}

function setValue(value: SetValue, item: Item): AttributeValue {
  switch (value.kind) {
    case "value":
      return value.value;
    case "path": {
      const found = valueAt(item, value.path);
      if (found === undefined)
        throw validation("The provided expression refers to an attribute that does not exist in the item");
      return found;
    }
    case "if_not_exists":
      return valueAt(item, value.path) ?? setValue(value.otherwise, item);
    case "list_append":
      return { L: [...listIn(value.left, item), ...listIn(value.right, item)] };
    case "sum":
      return { N: addNumbers(numberIn(value.left, item), numberIn(value.right, item), value.sign) };
  }
}

function listIn(value: SetValue, item: Item): readonly AttributeValue[] {
  const found = setValue(value, item);
  if ("L" in found) return found.L;
  throw mismatch();
}

function numberIn(value: SetValue, item: Item): string {
  const found = setValue(value, item);
  if ("N" in found) return found.N;
  throw mismatch();
}

function added(old: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (old === undefined) return value;
  if ("N" in value && "N" in old) return { N: addNumbers(old.N, value.N, 1) };
  if ("N" in value || typeOf(old) !== typeOf(value)) throw mismatch();
  const kept = elementsOf(old);
  return setOf(old, [...kept, ...elementsOf(value).filter((element) => !isAmong(kept, element))]);
}

function without(old: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  const gone = elementsOf(value);
  if (old === undefined) return undefined;
  if (typeOf(old) !== typeOf(value)) throw mismatch();
  const rest = elementsOf(old).filter((element) => !isAmong(gone, element));
  return rest.length === 0 ? undefined : setOf(old, rest);
}

/** A set of the same type as another one. */
function setOf(like: AttributeValue, elements: readonly AttributeValue[]): AttributeValue {
  if ("SS" in like) return { SS: elements.flatMap((e) => ("S" in e ? [e.S] : [])) };
  if ("NS" in like) return { NS: elements.flatMap((e) => ("N" in e ? [e.N] : [])) };
  return { BS: elements.flatMap((e) => ("B" in e ? [e.B] : [])) };
}

const isAmong = (elements: readonly AttributeValue[], one: AttributeValue): boolean =>
  elements.some((element) => sameValue(element, one));

const mismatch = (): Error => validation("An operand in the update expression has an incorrect data type");
