import type { TableSpec } from "../spec.ts";

/** What a schema takes in a field, as JSON Schema names it. */
type Column = {
  /** Empty where the schema does not tell. */
  readonly types: ReadonlySet<string>;
  readonly isRequired: boolean;
};

type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
};

/** The fields that a schema takes, by name, where the validator can tell (Standard JSON Schema); else none. */
export function columnsOf({ schema }: Pick<TableSpec, "schema">): ReadonlyMap<string, Column> {
  const { properties = {}, required = [] } = inputOf(schema) ?? {};
  return new Map(
    Object.entries(properties).map(([name, property]) => [
      name,
      { types: new Set(typesOf(property)), isRequired: required.includes(name) },
    ]),
  );
}

function inputOf(schema: TableSpec["schema"]): JsonSchema | undefined {
  const standard = schema["~standard"] as {
    jsonSchema?: { input(options: { target: string; libraryOptions: object }): JsonSchema };
  };
  try {
    // of what has no JSON form (a date) zod says nothing, and then all else
    return standard.jsonSchema?.input({
      target: "draft-2020-12",
      libraryOptions: { unrepresentable: "any" },
    });
  } catch {
    return undefined;
  }
}

const typesOf = ({ type = [], anyOf = [], oneOf = [] }: JsonSchema): string[] => [
  ...(typeof type === "string" ? [type] : type),
  ...[...anyOf, ...oneOf].flatMap(typesOf),
];

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const BOOLEAN = /^(true|false)$/i;

/**
 * The value of a field for the schema: a number or a boolean where it takes no text, and the text is one. An empty field
 * is null where it takes null, the empty text where it must have a text, and else undefined. All else stays text.
 */
export function fieldValue(text: string, column: Column | undefined): unknown {
  if (column === undefined || column.types.size === 0) return text;
  const { types, isRequired } = column;
  if (text === "") {
    if (types.has("null")) return null;
    return types.has("string") && isRequired ? "" : undefined;
  }
  if (types.has("string")) return text;
  const trimmed = text.trim();
  if ((types.has("number") || types.has("integer")) && NUMBER.test(trimmed)) return Number(trimmed);
  if (types.has("boolean") && BOOLEAN.test(trimmed)) return trimmed.toLowerCase() === "true";
  return text;
}
