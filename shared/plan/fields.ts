import type { StandardSchemaV1 } from "@standard-schema/spec";

/** What has a schema: a stream, or a table outside. */
type Described = { readonly schema: StandardSchemaV1<unknown, unknown> };

type JsonSchema = { readonly type?: unknown; readonly properties?: Readonly<Record<string, JsonSchema>> };

/**
 * What a stream's or a table's schema says of a field's JSON type, where the validator can tell (Standard JSON Schema);
 * `"missing"` where there is no such field, undefined where nothing is known.
 */
export function fieldType(of: Described, field: string): string | undefined {
  const schema = jsonSchema(of);
  if (schema?.type !== "object" || schema.properties === undefined) return undefined;
  if (!Object.hasOwn(schema.properties, field)) return "missing";
  const { type } = schema.properties[field] ?? {};
  return typeof type === "string" ? type : undefined;
}

function jsonSchema({ schema }: Described): JsonSchema | undefined {
  const standard = schema["~standard"] as {
    jsonSchema?: { output(options: { target: string }): JsonSchema };
  };
  try {
    return standard.jsonSchema?.output({ target: "draft-2020-12" });
  } catch {
    // A schema that has no JSON form (a date, a transform) says nothing of its fields; that is no error.
    return undefined;
  }
}

/** Types that can be a key, as JSON Schema names them. */
export const KEY_TYPES: readonly (string | undefined)[] = ["string", "number", "integer", undefined];
