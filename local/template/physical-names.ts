import { createHash } from "node:crypto";

/** A function's name has at most 64 characters, a bucket's 63; this leaves some for a service's own suffix. */
const LONGEST = 60;

/** Names that were given out before. */
export type KeptNames = {
  /** All of them, in lower case. */
  readonly given: readonly string[];
  /** Those of resources that are there, by `stack/logicalId`. */
  readonly inUse: ReadonlyMap<string, string>;
};

/**
 * Names for resources that the template does not name: stack and logical id, with a number from the second one on,
 * so that a resource and the one that takes its place can be there at once. No name is given out twice.
 */
export class PhysicalNames {
  /** In lower case, as a bucket's name will be. */
  readonly #given: Set<string>;
  readonly #reserved: Map<string, string>;

  /** @param kept - names of an earlier process: a resource that it made gets its name again, the others nobody */
  constructor({ given, inUse }: KeptNames = { given: [], inUse: new Map() }) {
    this.#given = new Set(given);
    this.#reserved = new Map(inUse);
  }

  /** In lower case. */
  get given(): readonly string[] {
    return [...this.#given];
  }

  next(stackName: string, logicalId: string): string {
    const path = `${stackName}/${logicalId}`;
    const reserved = this.#reserved.get(path);
    this.#reserved.delete(path);
    if (reserved !== undefined) return reserved;
    for (let number = 1; ; number++) {
      const name = nameOf(stackName, logicalId, number);
      if (this.#given.has(name.toLowerCase())) continue;
      this.#given.add(name.toLowerCase());
      return name;
    }
  }
}

function nameOf(stackName: string, logicalId: string, number: number): string {
  const text = `${stackName}-${logicalId}`.replaceAll(/[^A-Za-z0-9-]/g, "-");
  const name = number === 1 ? text : `${text}-${number}`;
  if (name.length <= LONGEST) return name;
  return `${name.slice(0, LONGEST - 9)}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
