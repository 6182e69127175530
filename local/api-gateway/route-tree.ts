/** A route that fits a request. */
export type RouteMatch<T> = {
  readonly value: T;
  /** The resource as the template has it, `/streams/{stream}/events`. */
  readonly resource: string;
  readonly parameters: Readonly<Record<string, string>>;
};

type Leaf<T> = { readonly resource: string; readonly value: T };
type Node<T> = {
  readonly exact: Map<string, Node<T>>;
  readonly methods: Map<string, Leaf<T>>;
  parameter: { readonly name: string; readonly node: Node<T> } | undefined;
  greedy: { readonly name: string; readonly node: Node<T> } | undefined;
};

/** Paths with `{name}` and a trailing `{name+}`; the most specific one wins, as in API Gateway. */
export class RouteTree<T> {
  readonly #root: Node<T> = emptyNode();

  add(resource: string, httpMethod: string, value: T): void {
    let node = this.#root;
    for (const part of partsOf(resource)) node = childFor(node, part);
    node.methods.set(httpMethod, { resource, value });
  }

  /** @param path - decoded by part here, so that a `%2F` stays inside its part */
  match(path: string, httpMethod: string): RouteMatch<T> | undefined {
    return find(this.#root, partsOf(path), httpMethod, {});
  }
}

const emptyNode = <T>(): Node<T> => ({
  exact: new Map(),
  methods: new Map(),
  parameter: undefined,
  greedy: undefined,
});
const partsOf = (path: string): readonly string[] => path.split("/").filter((part) => part !== "");

function childFor<T>(node: Node<T>, part: string): Node<T> {
  const [, name, plus] = /^\{([^}+]+)(\+?)\}$/.exec(part) ?? [];
  if (name === undefined) {
    const child = node.exact.get(part) ?? emptyNode<T>();
    node.exact.set(part, child);
    return child;
  }
  const kind = plus === "+" ? "greedy" : "parameter";
  const child = node[kind] ?? { name, node: emptyNode<T>() };
  node[kind] = child;
  return child.node;
}

function find<T>(
  node: Node<T>,
  parts: readonly string[],
  httpMethod: string,
  parameters: Readonly<Record<string, string>>,
): RouteMatch<T> | undefined {
  const [part, ...rest] = parts;
  if (part === undefined) {
    const leaf = node.methods.get(httpMethod) ?? node.methods.get("ANY");
    return leaf && { ...leaf, parameters };
  }
  const exact = node.exact.get(part);
  const byName = exact && find(exact, rest, httpMethod, parameters);
  if (byName !== undefined) return byName;
  const { parameter, greedy } = node;
  const byParameter =
    parameter && find(parameter.node, rest, httpMethod, { ...parameters, [parameter.name]: decoded(part) });
  if (byParameter !== undefined) return byParameter;
  return (
    greedy &&
    find(greedy.node, [], httpMethod, { ...parameters, [greedy.name]: parts.map(decoded).join("/") })
  );
}

/** A malformed escape stays as it is. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}
