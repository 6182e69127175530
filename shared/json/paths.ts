/** A field of a field: `["bid", "price"]`. */
export type Path = readonly string[];

/** Fields to keep of an object, and of their values; `true`: the whole value. */
export type Tree = true | ReadonlyMap<string, Tree>;

/** `bid.price` names the field `price` of the object in field `bid`. */
export const pathOf = (dotted: string): Path => dotted.split(".");

/** The tree of some paths; one that leads into what another keeps whole adds nothing. No path: no field. */
export function treeOf(paths: Iterable<Path>): Tree {
  const root = new Map<string, Tree>();
  for (const path of paths) {
    let at: Map<string, Tree> | undefined = root;
    for (const [i, name] of path.entries()) {
      if (at === undefined) break;
      const existing: Tree | undefined = at.get(name);
      if (existing === true) break;
      const next: Tree = i === path.length - 1 ? true : (existing ?? new Map<string, Tree>());
      at.set(name, next);
      at = next === true ? undefined : (next as Map<string, Tree>);
    }
  }
  return root;
}

/** The tree that keeps what any of some trees keeps. */
export const unionOf = (trees: readonly Tree[]): Tree =>
  trees.some((tree) => tree === true) ? true : treeOf(trees.flatMap((tree) => pathsOf(tree)));

const pathsOf = (tree: Tree): Path[] =>
  tree === true ? [[]] : [...tree].flatMap(([name, below]) => pathsOf(below).map((path) => [name, ...path]));

/**
 * What is left of a value: of each object the fields that the tree names, in the order in which the value has them.
 * What the tree would look into and is no object stays as it is, arrays too. A field `__proto__` is never picked out.
 */
export function project(value: unknown, tree: Tree): unknown {
  if (tree === true || !isObject(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const below = tree.get(name);
    // to set this one would set what the object inherits
    if (below !== undefined && name !== "__proto__") kept[name] = project(value[name], below);
  }
  return kept;
}

/** The value at a path; undefined where there is none. No path leads into an array. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const name of path) {
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
