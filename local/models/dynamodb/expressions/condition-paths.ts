import type { Condition, Operand } from "./condition.ts";
import type { Path } from "./document-path.ts";

/** All paths that a condition looks at. */
export function pathsIn(condition: Condition): Path[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return [...pathsIn(condition.left), ...pathsIn(condition.right)];
    case "not":
      return pathsIn(condition.of);
    case "compare":
      return [condition.left, condition.right].flatMap(pathOf);
    case "between":
      return [condition.of, condition.low, condition.high].flatMap(pathOf);
    case "in":
      return [condition.of, ...condition.among].flatMap(pathOf);
    case "exists":
      return [condition.path];
    case "type":
      return [condition.of, condition.type].flatMap(pathOf);
    case "begins_with":
      return [condition.of, condition.prefix].flatMap(pathOf);
    case "contains":
      return [condition.of, condition.part].flatMap(pathOf);
  }
}

function pathOf(operand: Operand): Path[] {
  if (operand.kind === "value") return [];
  return operand.kind === "path" ? [operand.path] : pathOf(operand.of);
}

/** Whether a condition looks at a path of that kind; makes no list of them. */
export function hasPath(condition: Condition, test: (path: Path) => boolean): boolean {
  const has = (operand: Operand): boolean =>
    operand.kind === "path" ? test(operand.path) : operand.kind === "size" && has(operand.of);
  switch (condition.kind) {
    case "and":
    case "or":
      return hasPath(condition.left, test) || hasPath(condition.right, test);
    case "not":
      return hasPath(condition.of, test);
    case "compare":
      return has(condition.left) || has(condition.right);
    case "exists":
      return test(condition.path);
    default:
      return pathsIn(condition).some(test);
  }
}
