import type { Attributes } from "./event-sorter.ts";
import { fieldOf } from "./source.ts";

/** A CloudEvent taken apart, or what is wrong with it. */
export type CloudEvent =
  | { readonly data: unknown; readonly attributes: Attributes }
  | { readonly wrong: string };

const JSON_TYPE = /^application\/(?:[^;]+\+)?json *(?:;.*)?$/i;

/**
 * Reads a CloudEvent in the JSON format, as structured and batch mode carry it. Data must be JSON: a stream's
 * schema could say nothing of other bytes.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export function readCloudEvent(value: unknown): CloudEvent {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { wrong: "it is no object" };
  const attributes = attributesOf((name) => fieldOf(value, name));
  if (typeof attributes === "string") return { wrong: attributes };
  if (!Object.hasOwn(value, "data")) return { wrong: 'it has no "data" of JSON' };
  return { data: fieldOf(value, "data"), attributes };
}

/** Whether a request is one CloudEvent in binary mode: attributes in headers, data in the body. */
export const isBinaryMode = (headers: ReadonlyMap<string, string>): boolean => headers.has("ce-specversion");

/**
 * Reads the attributes of a CloudEvent in binary mode, or says what is wrong with them.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export const binaryAttributes = (headers: ReadonlyMap<string, string>): Attributes | string =>
  attributesOf((name) => {
    const value = headers.get(name === "datacontenttype" ? "content-type" : `ce-${name}`);
    return value === undefined ? undefined : percentDecoded(value);
  });

function attributesOf(read: (name: string) => unknown): Attributes | string {
  if (read("specversion") !== "1.0") return 'its "specversion" is not "1.0"';
  for (const name of ["source", "type"]) {
    const value = read(name);
    if (typeof value !== "string" || value === "") return `its "${name}" is missing`;
  }
  const id = read("id");
  if (typeof id !== "string" || id === "") return 'its "id" is missing';
  const type = read("datacontenttype") ?? "application/json";
  if (typeof type !== "string" || !JSON_TYPE.test(type)) return 'its "datacontenttype" is not JSON';
  const time = read("time") ?? undefined;
  if (time !== undefined && typeof time !== "string") return 'its "time" is no text';
  return { id, time };
}

/** Header values carry what is not printable ASCII in percent-encoding; a stray percent sign stays as it is. */
function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}
