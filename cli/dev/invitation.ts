import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Cloud } from "../../local/cloud.ts";
import type { Scope } from "../../local/dev/scope.ts";
import type { Key } from "../../shared/events/event.ts";

/** Lines to paste into a shell: one for a view, one for the files of a lake table. */
export function invitation(cloud: Cloud, { sinks }: Scope, output: string): string {
  const lines: string[] = [];
  const view = sinks.find(({ kind }) => kind === "view")?.name;
  if (view !== undefined) {
    const key = lastKey(join(output, `${view}.jsonl`));
    // in a query 5 and "5" look the same, and are two keys
    const type = typeof key === "number" ? "&keyType=number" : "";
    const url = cloud.apiUrl(`/v1/views/${view}?key=${encodeURIComponent(key)}${type}&limit=5`);
    lines.push("a view:", `  curl '${url}'`);
  }
  const table = sinks.find(({ kind }) => kind === "lake")?.name;
  if (table !== undefined) {
    const files = join(relative(process.cwd(), output), "lake", table, "**", "*.parquet");
    lines.push("a lake table:", `  duckdb -c "SELECT * FROM read_parquet('${files}') LIMIT 5"`);
  }
  return lines.join("\n");
}

/** A key that the view has: that of its last row. */
function lastKey(file: string): Key {
  const last = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").at(-1) : undefined;
  if (last === undefined || last === "") return "";
  return (JSON.parse(last) as { readonly key?: Key }).key ?? "";
}
