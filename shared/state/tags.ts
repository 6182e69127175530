import { MillraceError } from "../errors/millrace-error.ts";
import { base64Of, bytesOf } from "./base64.ts";
import { KeptRow } from "./kept-row.ts";

const TAG = "$mr";

/** `{ "$mr": [kind, content?] }`: the one shape of everything that JSON cannot say. */
const tag = (kind: string, content?: unknown): unknown => ({
  [TAG]: content === undefined ? [kind] : [kind, content],
});

/**
 * A copy of the value in plain JSON, tagged where needed; parts that need no tag are shared, not copied.
 * @throws MillraceError `VALUE_UNSUPPORTED`
 */
export function tagged(value: unknown, depthLeft: number, path = "value"): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "undefined":
      return tag("undefined");
    case "bigint":
      return tag("bigint", value.toString());
    case "number":
      if (Number.isFinite(value)) return Object.is(value, -0) ? tag("number", "-0") : value;
      return tag("number", String(value));
    case "object":
      if (value === null) return null;
      if (depthLeft === 0) throw unsupported(path, "a cycle, or nested too deep");
      return taggedObject(value, depthLeft - 1, path);
    default:
      throw unsupported(path, `a ${typeof value}`);
  }
}

function taggedObject(value: object, depthLeft: number, path: string): unknown {
  // Array.from visits holes, which map would leave as holes and JSON as null
  if (Array.isArray(value)) return Array.from(value, (one, i) => tagged(one, depthLeft, `${path}[${i}]`));
  if (value instanceof Map)
    return tag(
      "map",
      Array.from(value, ([key, one], i) => [
        tagged(key, depthLeft, `${path} (key ${i})`),
        tagged(one, depthLeft, `${path} (value ${i})`),
      ]),
    );
  if (value instanceof Set)
    return tag(
      "set",
      Array.from(value, (one, i) => tagged(one, depthLeft, `${path} (member ${i})`)),
    );
  if (value instanceof Uint8Array) return tag("bytes", base64Of(value));
  // biome-ignore lint/style/noRestrictedGlobals: a Date that a user keeps; the machine's time is not read
  if (value instanceof Date) return tag("date", tagged(value.getTime(), depthLeft, path));
  if (value instanceof KeptRow) return tag("row", [value.version, tagged(value.value, depthLeft, path)]);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw unsupported(path, `an instance of ${value.constructor?.name ?? "a class"}`);
  const fields: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value))
    set(fields, name, tagged(one, depthLeft, `${path}.${name}`));
  return Object.hasOwn(fields, TAG) ? tag("object", fields) : fields;
}

/** Plain assignment to `__proto__` would set the prototype and lose the field. */
function set(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(fields, name, { value, enumerable: true });
  else fields[name] = value;
}

const unsupported = (path: string, what: string): MillraceError =>
  new MillraceError(
    "VALUE_UNSUPPORTED",
    `${path} is ${what}: keep plain data, bigint, Uint8Array, Map, Set or Date, which read back as what they were`,
    { next: "refused" },
  );

/**
 * Undoes `tagged`, in place: the value came fresh from JSON.parse and nobody else holds it.
 * @throws MillraceError `VALUE_UNDECODABLE` where a tag is none of ours
 */
export function restored(value: unknown, depth: number, maxDepth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  // every tagged level adds up to four levels of JSON: the tag, its pair, its content and, in a map, the entry
  if (depth > maxDepth * 4) throw undecodable("what is nested too deep");
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = restored(value[i], depth + 1, maxDepth);
    return value;
  }
  const fields = value as Record<string, unknown>;
  return Object.hasOwn(fields, TAG)
    ? untagged(fields[TAG], depth + 1, maxDepth)
    : inside(fields, depth, maxDepth);
}

function inside(fields: Record<string, unknown>, depth: number, maxDepth: number): Record<string, unknown> {
  // an own `__proto__` is a plain field by now, so that assigning to it is safe
  for (const name of Object.keys(fields)) fields[name] = restored(fields[name], depth + 1, maxDepth);
  return fields;
}

const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

function untagged(pair: unknown, depth: number, maxDepth: number): unknown {
  if (!Array.isArray(pair)) throw undecodable("a tag without a kind");
  const [kind, content] = pair as unknown[];
  switch (kind) {
    case "undefined":
      return undefined;
    case "number": {
      const number = NUMBERS.get(content);
      if (number !== undefined) return number;
      break;
    }
    case "bigint":
      if (typeof content === "string" && /^-?\d+$/.test(content)) return BigInt(content);
      break;
    case "bytes": {
      const bytes = typeof content === "string" ? bytesOf(content) : undefined;
      if (bytes !== undefined) return bytes;
      break;
    }
    case "date":
      // biome-ignore lint/style/noRestrictedGlobals: a Date that a user kept; the machine's time is not read
      return new Date(restored(content, depth + 1, maxDepth) as number);
    case "set":
      if (Array.isArray(content)) return new Set(restored(content, depth + 1, maxDepth) as unknown[]);
      break;
    case "map":
      if (Array.isArray(content) && content.every((one) => Array.isArray(one) && one.length === 2))
        return new Map(restored(content, depth + 1, maxDepth) as [unknown, unknown][]);
      break;
    case "row":
      if (Array.isArray(content) && content.length === 2 && Number.isSafeInteger(content[0]))
        return new KeptRow(content[0], restored(content[1], depth + 1, maxDepth));
      break;
    case "object":
      if (typeof content === "object" && content !== null)
        return inside(content as Record<string, unknown>, depth + 1, maxDepth);
      break;
  }
  throw undecodable(`an unknown tag ${JSON.stringify(kind)}`);
}

const undecodable = (why: string): MillraceError =>
  new MillraceError("VALUE_UNDECODABLE", `a stored value holds ${why}`, { next: "halted" });
