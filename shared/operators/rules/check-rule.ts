import type { ASTNode } from "@marcbachmann/cel-js";

/** Functions that end, are the same on every machine, and give no more than they are given. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...["size", "has", "int", "uint", "double", "string", "bool", "dyn", "duration", "timestamp"],
]);

const METHODS: ReadonlySet<string> = new Set([
  ...["size", "contains", "startsWith", "endsWith", "lowerAscii", "upperAscii", "trim"],
  ...["indexOf", "lastIndexOf", "substring", "split"],
  ...["getDate", "getDayOfMonth", "getDayOfWeek", "getFullYear", "getMonth"],
  ...["getHours", "getMinutes", "getSeconds", "getMilliseconds"],
]);

/** Macros that look at each element of a list, and keep no more than there was. */
const MACROS: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "filter"]);

/** In another zone a machine's own time zone data would have a say. */
const ZONED = /(Z|[+-]\d\d:\d\d)$/;

/** Tells of a node what a rule may not have there. */
export type Refuse = (node: ASTNode, sentence: string) => Error;

/**
 * Refuses what a rule that comes as data may not do: take for ever, grow without bound, or depend on the machine.
 * A macro within a macro goes over a part of the element at hand, so that all of them together see each element of an
 * event once for each place in the text.
 */
export function checkRule(node: ASTNode, refuse: Refuse, element?: string): void {
  if (node.op === "call") {
    const [name, args] = node.args as readonly [string, readonly ASTNode[]];
    if (!FUNCTIONS.has(name)) throw refuse(node, notThere(name));
    if (name === "timestamp") checkTimestamp(node, args, refuse);
  }
  if (node.op === "rcall") {
    const [name, receiver, args] = node.args as readonly [string, ASTNode, readonly ASTNode[]];
    if (MACROS.has(name)) {
      const [variable, ...predicates] = args;
      if (element !== undefined && !isPartOf(receiver, element))
        throw refuse(
          node,
          `"${name}" within another must go over a part of "${element}", as ${element}.items.${name}(…)`,
        );
      checkRule(receiver, refuse, element);
      for (const predicate of predicates) checkRule(predicate, refuse, String(variable?.args));
      return;
    }
    if (!METHODS.has(name)) throw refuse(node, notThere(name));
    if (name.startsWith("get") && args.length > 0)
      throw refuse(node, `"${name}" takes no time zone: it is of UTC`);
  }
  for (const part of partsOf(node.args)) checkRule(part, refuse, element);
}

const notThere = (name: string): string => {
  const known = [...new Set([...FUNCTIONS, ...METHODS, ...MACROS])].join(", ");
  return `"${name}" is not there for rules: they have ${known}`;
};

function checkTimestamp(node: ASTNode, [text]: readonly ASTNode[], refuse: Refuse): void {
  if (text?.op !== "value" || typeof text.args !== "string" || !ZONED.test(text.args))
    throw refuse(node, 'timestamp() takes a text with its zone, as timestamp("2024-01-01T00:00:00Z")');
}

/** `x`, `x.items`, `x["a"].b`: nothing but a way into `x`. */
function isPartOf(node: ASTNode, name: string): boolean {
  if (node.op === "id") return node.args === name;
  if (node.op !== "." && node.op !== "[]") return false;
  return isPartOf((node.args as readonly ASTNode[])[0] as ASTNode, name);
}

function partsOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(partsOf);
  return typeof args === "object" && args !== null && "op" in args ? [args as ASTNode] : [];
}
