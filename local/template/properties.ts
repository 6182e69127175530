import { MillraceError } from "../../shared/errors/millrace-error.ts";

/**
 * The resolved properties of a resource, read with their types. CloudFormation takes "5" for 5 and "true" for true.
 * What has another type than it should is refused with the logical id and the property's path.
 */
export class Properties {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(values: Readonly<Record<string, unknown>>, path: string) {
    this.#values = values;
    this.#path = path;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(name, "is missing");
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return this.#refuse(name, "is no text");
  }

  number(name: string, byDefault: number): number {
    return this.optionalNumber(name) ?? byDefault;
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof number === "number" && Number.isFinite(number)
      ? number
      : this.#refuse(name, "is no number");
  }

  /** A whole number within the limits that AWS sets for it. */
  between(name: string, least: number, most: number, byDefault: number): number {
    const value = this.number(name, byDefault);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    return this.#refuse(name, `is ${value}; it must be a whole number from ${least} to ${most}`);
  }

  flag(name: string, byDefault = false): boolean {
    const value = this.#values[name];
    if (value === undefined) return byDefault;
    if (value === true || value === "true") return true;
    return value === false || value === "false" ? false : this.#refuse(name, "is neither true nor false");
  }

  /** An object; empty where it is missing. */
  object(name: string): Properties {
    return new Properties(this.record(name), `${this.#path}.${name}`);
  }

  record(name: string): Readonly<Record<string, unknown>> {
    const value = this.#values[name] ?? {};
    return isRecord(value) ? value : this.#refuse(name, "is no object");
  }

  /** An object of texts; empty where it is missing. */
  texts(name: string): Readonly<Record<string, string>> {
    const object = this.object(name);
    return Object.fromEntries(Object.keys(this.record(name)).map((key) => [key, object.text(key)]));
  }

  /** A list of objects; empty where it is missing. */
  objects(name: string): readonly Properties[] {
    return this.list(name).map((value, index) =>
      isRecord(value)
        ? new Properties(value, `${this.#path}.${name}[${index}]`)
        : this.#refuse(`${name}[${index}]`, "is no object"),
    );
  }

  list(name: string): readonly unknown[] {
    const value = this.#values[name] ?? [];
    return Array.isArray(value) ? value : this.#refuse(name, "is no list");
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** Says that this property cannot be honoured here. */
  unsupported(name: string, why: string): never {
    const message = `${this.#path}.${name} ${why}`;
    throw new MillraceError("LOCAL_RESOURCE_UNSUPPORTED", message, { next: "refused" });
  }

  /** Says that AWS would refuse this property for want of a right. */
  denied(name: string, why: string): never {
    throw new MillraceError("LOCAL_ACCESS_DENIED", `${this.#path}.${name} ${why}`, { next: "refused" });
  }

  #refuse(name: string, what: string): never {
    throw new MillraceError("LOCAL_TEMPLATE_INVALID", `${this.#path}.${name} ${what}`, { next: "refused" });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
