import type { TableSpec } from "../spec.ts";
import { columnsOf, fieldValue } from "./columns.ts";

export type CsvTable = Pick<TableSpec, "schema" | "key" | "version">;

/** Makes a row of a record's fields. */
export type ToRow = (fields: readonly string[]) => Readonly<Record<string, unknown>>;

/** What the names in a header make of fields; or what is wrong with them. */
export function headed(names: readonly string[], table: CsvTable, delimiter: string): ToRow | string {
  const columns = columnsOf(table);
  const twice = names.find((name, i) => name !== "" && names.indexOf(name) !== i);
  if (twice !== undefined) return `its header has the column "${twice}" twice`;
  const { key, version = key } = table;
  const required = [...columns].flatMap(([name, { isRequired }]) => (isRequired ? [name] : []));
  const missing = [key, version, ...required].find((name) => !names.includes(name));
  if (missing !== undefined)
    return `its header has no column "${missing}", which ${missing === key ? "rows are found by" : "rows must have"}; it has ${listed(names)}${otherDelimiter(names, key, delimiter)}`;
  return (fields) => {
    const row: Record<string, unknown> = {};
    for (const [i, name] of names.entries()) {
      const value = fieldValue(fields[i] ?? "", columns.get(name));
      if (name !== "" && name !== "__proto__" && value !== undefined) row[name] = value;
    }
    return row;
  };
}

/** A header of one name that has the key's among others: its fields are between other characters. */
function otherDelimiter([name = "", ...others]: readonly string[], key: string, delimiter: string): string {
  const other = [",", ";", "\t", "|"].find((one) => one !== delimiter && name.split(one).includes(key));
  return other === undefined || others.length > 0 || name === key
    ? ""
    : `; declare csv({ delimiter: ${JSON.stringify(other)} }) where that is what is between its fields`;
}

const MOST_CHARS = 200;

function listed(names: readonly string[]): string {
  const text = names.map((name) => `"${name}"`).join(", ");
  return text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS)} …`;
}
