import type { Condition } from "./expressions/condition.ts";
import { hasPath, pathsIn } from "./expressions/condition-paths.ts";
import type { Path } from "./expressions/document-path.ts";
import { keyAttributes } from "./key-spec.ts";
import type { Table } from "./table.ts";
import { validation } from "./validation.ts";

/** Refuses paths that lead into a key attribute of the table or of one of its indexes: those are scalars. */
export function checkKeyPaths(
  table: Table,
  condition: Condition | undefined,
  others: readonly Path[] | undefined,
): void {
  if (!(condition !== undefined && hasPath(condition, isDeep)) && others?.some(isDeep) !== true) return;
  const paths = [...(condition === undefined ? [] : pathsIn(condition)), ...(others ?? [])];
  for (const { spec } of [table, ...table.indexes.values()])
    for (const { name } of keyAttributes(spec))
      if (paths.some((path) => path.length > 1 && path[0] === name))
        throw validation(
          "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: " +
            `${spec.indexName === undefined ? "Key" : "IndexKey"}: ${name}`,
        );
}

const isDeep = (path: Path): boolean => path.length > 1;
