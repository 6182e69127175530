import type { AttributeValue } from "../models/dynamodb/attribute-value.ts";
import { validation } from "../models/dynamodb/validation.ts";
import { ServiceError } from "../models/service-error.ts";
import type { Shape } from "./dynamodb-shapes.ts";
import { bytesOf } from "./json-operations.ts";

const MAX_ERRORS = 10;
const VALUES: Readonly<Record<string, Shape>> = {
  S: { is: "string" },
  N: { is: "string" },
  B: { is: "binary" },
  BOOL: { is: "boolean" },
  NULL: { is: "boolean" },
  M: { is: "map", of: { is: "value" } },
  L: { is: "list", of: { is: "value" } },
  SS: { is: "list", of: { is: "string" } },
  NS: { is: "list", of: { is: "string" } },
  BS: { is: "list", of: { is: "binary" } },
};

/**
 * A request as the model takes it: binary decoded, members that nobody knows left out. Throws SerializationException
 * for a JSON type that is not the shape's, and ValidationException with all constraints that are not met.
 */
export function requestOf(shape: Shape, input: unknown): never {
  const reader = new Reader();
  const request = reader.read(shape, input, "");
  reader.check();
  return request as never;
}

class Reader {
  readonly #errors: string[] = [];

  check(): void {
    const errors = this.#errors.slice(0, MAX_ERRORS);
    if (errors.length === 0) return;
    const noun = errors.length === 1 ? "error" : "errors";
    throw validation(`${errors.length} validation ${noun} detected: ${errors.join("; ")}`);
  }

  read(shape: Shape, json: unknown, path: string): unknown {
    switch (shape.is) {
      case "string":
        return this.#string(shape, json, path);
      case "integer":
        return this.#integer(shape, json, path);
      case "boolean":
        if (typeof json !== "boolean") throw notA("Boolean", json);
        return json;
      case "binary":
        return binary(json);
      case "value":
        return this.#value(json, path);
      case "list":
        if (!Array.isArray(json)) throw notA("List", json);
        this.#checkLength(shape, json, json.length, path);
        return json.map((element, i) => this.read(shape.of, element, `${path}.${i + 1}.member`));
      case "map": {
        const entries = Object.entries(membersOf(json));
        this.#checkLength(shape, json, entries.length, path);
        return Object.fromEntries(
          entries.map(([name, member]) => [name, this.read(shape.of, member, `${path}.${name}.member`)]),
        );
      }
      case "structure":
        return this.#structure(shape, membersOf(json), path);
    }
  }

  #structure(
    { members, required, refused }: Shape & { readonly is: "structure" },
    json: Readonly<Record<string, unknown>>,
    path: string,
  ): object {
    for (const [name, instead] of Object.entries(refused))
      if (json[name] !== undefined && json[name] !== null)
        throw validation(`the local DynamoDB does not have ${name}; use ${instead}`);
    return Object.fromEntries(
      Object.entries(members).flatMap(([name, shape]) => {
        const member = json[name];
        const at = `${path === "" ? "" : `${path}.`}${name[0]?.toLowerCase()}${name.slice(1)}`;
        if (member !== undefined && member !== null) return [[name, this.read(shape, member, at)]];
        if (required.includes(name)) this.#refuse(null, at, "Member must not be null");
        return [];
      }),
    );
  }

  #value(json: unknown, path: string): AttributeValue {
    const members = Object.entries(membersOf(json)).flatMap(([type, inner]) => {
      const shape = Object.hasOwn(VALUES, type) ? VALUES[type] : undefined;
      return shape === undefined || inner === null ? [] : [[type, this.read(shape, inner, path)]];
    });
    // How many types it has is for the model to judge.
    return Object.fromEntries(members) as AttributeValue;
  }

  #string(shape: Shape & { readonly is: "string" }, json: unknown, path: string): string {
    if (typeof json !== "string") throw notA("String", json);
    this.#checkLength(shape, json, json.length, path);
    if (shape.pattern !== undefined && !new RegExp(`^${shape.pattern}$`).test(json))
      this.#refuse(json, path, `Member must satisfy regular expression pattern: ${shape.pattern}`);
    if (shape.among !== undefined && !shape.among.includes(json))
      this.#refuse(json, path, `Member must satisfy enum value set: [${shape.among.join(", ")}]`);
    return json;
  }

  #integer(shape: Shape & { readonly is: "integer" }, json: unknown, path: string): number {
    if (typeof json !== "number") throw notA("Integer", json);
    const { min = json, max = json } = shape;
    if (json < min) this.#refuse(json, path, `Member must have value greater than or equal to ${min}`);
    if (json > max) this.#refuse(json, path, `Member must have value less than or equal to ${max}`);
    return Math.floor(json);
  }

  #checkLength(
    { min = 0, max }: { readonly min?: number; readonly max?: number },
    json: unknown,
    length: number,
    path: string,
  ): void {
    if (length < min) this.#refuse(json, path, `Member must have length greater than or equal to ${min}`);
    if (max !== undefined && length > max)
      this.#refuse(json, path, `Member must have length less than or equal to ${max}`);
  }

  #refuse(json: unknown, path: string, why: string): void {
    const shown = json === null ? "null" : `'${typeof json === "object" ? JSON.stringify(json) : json}'`;
    this.#errors.push(`Value ${shown} at '${path}' failed to satisfy constraint: ${why}`);
  }
}

function membersOf(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw notA("Structure", json);
  return { ...json };
}

function binary(json: unknown): Uint8Array {
  if (typeof json !== "string") throw notA("Blob", json);
  if (json.length % 4 !== 0)
    throw serialization(`Base64 encoded length is expected a multiple of 4 bytes but found: ${json.length}`);
  const bytes = bytesOf(json);
  // Node takes what is no base64 for nothing.
  if (Math.ceil(bytes.length / 3) * 4 !== json.length)
    throw serialization("Invalid Base64 character detected");
  return bytes;
}

function notA(type: string, json: unknown): ServiceError {
  const found = Array.isArray(json) ? "LIST" : json === null ? "NULL" : (typeof json).toUpperCase();
  return serialization(`${found}_VALUE cannot be converted to ${type}`);
}

const serialization = (message: string): ServiceError => new ServiceError("SerializationException", message);
