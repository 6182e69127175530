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

  /** Takes a route away, and what then leads nowhere. */
  remove(resource: string, httpMethod: string): void {
    prune(this.#root, partsOf(resource), httpMethod);
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

/** Whether nothing is left of the node. */
function prune<T>(node: Node<T>, [part, ...rest]: readonly string[], httpMethod: string): boolean {
  if (part === undefined) node.methods.delete(httpMethod);
  else if (prune(childFor(node, part), rest, httpMethod)) {
    const kind = kindOf(part);
    if (kind === "exact") node.exact.delete(part);
    else node[kind] = undefined;
  }
  const { exact, methods, parameter, greedy } = node;
  return exact.size === 0 && methods.size === 0 && parameter === undefined && greedy === undefined;
}

function childFor<T>(node: Node<T>, part: string): Node<T> {
  const kind = kindOf(part);
  if (kind === "exact") {
    const child = node.exact.get(part) ?? emptyNode<T>();
    node.exact.set(part, child);
    return child;
  }
  const child = node[kind] ?? { name: part.replace(/^\{|\+?\}$/g, ""), node: emptyNode<T>() };
  node[kind] = child;
  return child.node;
}

const kindOf = (part: string): "exact" | "parameter" | "greedy" => {
  if (!/^\{[^}+]+\+?\}$/.test(part)) return "exact";
  return part.endsWith("+}") ? "greedy" : "parameter";
};

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
