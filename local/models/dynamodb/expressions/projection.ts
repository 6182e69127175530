import type { AttributeValue, Item } from "../attribute-value.ts";
import { Cursor } from "./cursor.ts";
import { checkNoOverlap, type Path } from "./document-path.ts";
import type { Placeholders } from "./placeholders.ts";

export function parseProjection(expression: string, placeholders: Placeholders): Path[] {
  const cursor = new Cursor("ProjectionExpression", expression, placeholders);
  const paths = cursor.list(() => cursor.path());
  cursor.expectEnd();
  cursor.expectNoRefusal();
  checkNoOverlap(cursor.kind, paths);
  return paths;
}

/** The parts of an item at the paths, nested as they were; list elements close up. */
export function projected(item: Item, paths: readonly Path[]): Item {
  const value = parts({ M: item }, paths);
  return value !== undefined && "M" in value ? value.M : {};
}

function parts(value: AttributeValue, paths: readonly Path[]): AttributeValue | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  const inside = (step: string | number): Path[] =>
    paths.filter((path) => path[0] === step).map((path) => path.slice(1));
  if ("M" in value) {
    const members = Object.entries(value.M).flatMap(([name, member]) => {
      const part = inPart(member, inside(name));
      return part === undefined ? [] : [[name, part] as const];
    });
    return members.length === 0 ? undefined : { M: Object.fromEntries(members) };
  }
  if ("L" in value) {
    const elements = value.L.flatMap((element, i) => inPart(element, inside(i)) ?? []);
    return elements.length === 0 ? undefined : { L: elements };
  }
  return undefined;
}

const inPart = (value: AttributeValue, paths: readonly Path[]): AttributeValue | undefined =>
  paths.length === 0 ? undefined : parts(value, paths);
