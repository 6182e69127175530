/** Three ways to keep one thing. None takes what another kept for its own. */
export const KEEP: Readonly<Record<number, (thing: unknown) => unknown>> = {
  1: (thing) => thing,
  2: (two) => ({ two }),
  3: (thing) => ["three", thing],
};

const isObject = (kept: unknown): kept is Record<string, unknown> =>
  typeof kept === "object" && kept !== null && !Array.isArray(kept);

/** The thing of what a version kept. Throws on what another version did, and on what could not be read. */
export function thingIn(kept: unknown, version: number): unknown {
  if (isObject(kept) && "unread" in kept) throw new Error("could not be read");
  const three = Array.isArray(kept) && kept[0] === "three";
  if (version === 3 && three) return kept[1];
  if (version === 2 && isObject(kept) && "two" in kept) return kept["two"];
  if (version === 1 && !three && !isObject(kept)) return kept;
  throw new Error(`version ${version} misreads ${JSON.stringify(kept)}`);
}

/** What no version can read of an earlier one, where there is such. */
const isDamaged = (thing: unknown): boolean =>
  thing === 3 ||
  (typeof thing === "string" && thing.endsWith("7")) ||
  (Array.isArray(thing) && thing.length === 3);

export type Code = { readonly version: number; readonly damaged: boolean };

export const migrateTo =
  ({ version, damaged }: Code) =>
  (old: unknown, from: number): unknown => {
    const thing = thingIn(old, from);
    if (damaged && isDamaged(thing)) throw new Error("could not be read");
    return KEEP[version]?.(thing);
  };

/** What is said of the version. */
export const versioned = (code: Code): { version?: number; migrate?: ReturnType<typeof migrateTo> } =>
  code.version === 1 ? {} : { version: code.version, migrate: migrateTo(code) };
