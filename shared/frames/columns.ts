import { type Build, buildOf } from "../json/build.ts";

/**
 * Tuples whose last part is, in each, an object with the same fields in the same order: names are said once, and what
 * is alike lies together, which compresses and parses better. `columns` has one list for each part before the object,
 * then one for each field.
 */
export type Columns = {
  readonly fields: readonly string[];
  readonly columns: readonly (readonly unknown[])[];
};

type Tuple = readonly unknown[];

/** Fewer tuples repeat too little. */
const WORTH_COLUMNS = 4;
/** Ways to put objects together that are remembered. */
const REMEMBERED = 64;

/** Tuples by columns, where they can be told so: plain objects of the same fields, none called `__proto__`. */
export function columnsOf(tuples: readonly Tuple[], width: number): Columns | undefined {
  if (tuples.length < WORTH_COLUMNS) return undefined;
  const last = width - 1;
  const model = tuples[0]?.[last];
  if (!isPlain(model)) return undefined;
  const fields = Object.keys(model);
  if (fields.includes("__proto__")) return undefined;
  const columns = Array.from({ length: last + fields.length }, () => new Array<unknown>(tuples.length));
  for (let row = 0; row < tuples.length; row += 1) {
    const tuple = tuples[row] as Tuple;
    const value = tuple[last];
    if (!isPlain(value)) return undefined;
    let place = 0;
    for (const name in value) {
      if (name !== fields[place]) return undefined;
      (columns[last + place] as unknown[])[row] = value[name];
      place += 1;
    }
    if (place !== fields.length) return undefined;
    for (let i = 0; i < last; i += 1) (columns[i] as unknown[])[row] = tuple[i];
  }
  return { fields, columns };
}

/** The tuples that `columnsOf` took; undefined where it did not make this. */
export function tuplesOf(read: unknown, width: number): unknown[][] | undefined {
  const { fields, columns } = (isPlain(read) ? read : {}) as Partial<Columns>;
  if (!Array.isArray(fields) || !Array.isArray(columns) || !fields.every(isField)) return undefined;
  const last = width - 1;
  const count: unknown = columns[0]?.length;
  const fits = (column: unknown): boolean => Array.isArray(column) && column.length === count;
  if (columns.length !== last + fields.length || new Set(fields).size !== fields.length) return undefined;
  if (!columns.every(fits)) return undefined;
  const build = builderOf(fields);
  const kept: unknown[] = new Array(fields.length);
  return Array.from({ length: count as number }, (_, row) => {
    for (let i = 0; i < fields.length; i += 1) kept[i] = columns[last + i][row];
    const tuple: unknown[] = new Array(width);
    for (let i = 0; i < last; i += 1) tuple[i] = columns[i][row];
    tuple[last] = build(kept);
    return tuple;
  });
}

const isField = (name: unknown): boolean => typeof name === "string" && name !== "__proto__";

const builders = new Map<string, Build>();

function builderOf(fields: readonly string[]): Build {
  const id = JSON.stringify(fields);
  let build = builders.get(id);
  if (build === undefined) {
    build = buildOf(fields.map((name, i) => [name, i]));
    if (builders.size === REMEMBERED) builders.clear();
    builders.set(id, build);
  }
  return build;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
