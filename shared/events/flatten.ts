import { MillraceError, type NextStep } from "../errors/millrace-error.ts";

/**
 * A row's fields as columns of a lake table. Objects are flattened one level: `{ window: { start, end } }` becomes
 * `window_start` and `window_end`; what is nested deeper stays a value.
 * @param next - what happens to the row, or to the partition, where it cannot be flattened
 * @throws MillraceError `LAKE_COLUMN` where the row is no object, or two of its fields would share a column
 */
export function flatten(row: unknown, sink: string, next: NextStep): readonly (readonly [string, unknown])[] {
  if (!isPlainObject(row))
    throw new MillraceError("LAKE_COLUMN", `lake "${sink}": a row must be an object`, { next });
  const fields = Object.entries(row);
  if (!fields.some(([, value]) => isPlainObject(value))) return fields;
  const flat = fields.flatMap(([name, value]) =>
    isPlainObject(value)
      ? Object.entries(value).map(([inner, one]): [string, unknown] => [`${name}_${inner}`, one])
      : [[name, value] satisfies [string, unknown]],
  );
  const taken = new Set<string>();
  for (const [name, value] of flat) {
    if (value === undefined) continue;
    if (taken.has(name))
      throw new MillraceError("LAKE_COLUMN", `lake "${sink}": two fields of a row are called "${name}"`, {
        next,
      });
    taken.add(name);
  }
  return flat;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
