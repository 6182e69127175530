import type { LookupSpec } from "../operators/lookup/spec.ts";
import type { GraphNode, Pipeline } from "../pipeline/graph.ts";
import { jsonType, sourceOfRows } from "./check-join.ts";
import { fieldType, KEY_TYPES } from "./fields.ts";
import { problemOfName } from "./name.ts";
import type { refuse } from "./refuse.ts";

/** Refuses a lookup of what is no table, or by what can never be found in it. */
export function checkLookup(
  pipeline: Pipeline,
  node: GraphNode,
  { table, by, as, type, asOf }: LookupSpec,
  duration: (what: string, ms: number, least?: number) => void,
  fail: (code: Parameters<typeof refuse>[0], sentence: string) => Error,
): void {
  if (table?.kind !== "lookup-table")
    throw fail("PLAN_LOOKUP", "what it looks up in is neither a dynamoTable nor an s3File");
  const misnamed = problemOfName(table.name);
  if (misnamed !== undefined) throw fail("PLAN_NAME", misnamed);
  if (type !== "inner" && type !== "left")
    throw fail("PLAN_OPTION", `its type must be inner or left, not "${type}"`);
  if (as === "" || as === "__proto__") throw fail("PLAN_OPTION", `"${as}" can be no field of a result`);
  if (typeof by !== "function" && (typeof by !== "string" || by === ""))
    throw fail("PLAN_OPTION", "`key` must name a field, or be a function");
  duration(`refresh of "${table.name}"`, table.refresh, 0);
  if (!(Number.isSafeInteger(table.cacheChars) && table.cacheChars >= 0))
    throw fail("PLAN_OPTION", `cacheChars must be a whole number from 0, not ${table.cacheChars}`);
  const { format } = table;
  if (table.store === "s3" && typeof format?.read !== "function")
    throw fail("PLAN_OPTION", `the format of "${table.name}" is none: use csv(), or leave it out`);
  if (format?.kind === "csv" && !/^[^"\r\n]$/.test(format.delimiter ?? ","))
    throw fail(
      "PLAN_OPTION",
      `the delimiter of "${table.name}" must be one character, no quote and no end of a line, not ${JSON.stringify(format.delimiter)}`,
    );
  if (asOf !== undefined && table.version === undefined)
    throw fail(
      "PLAN_LOOKUP",
      `"${table.name}" has no versions, so that there is nothing to look up as of a time: declare its \`version\`, or leave \`asOf\` out`,
    );
  for (const field of table.version === undefined ? [table.key] : [table.key, table.version]) {
    const found = fieldType(table, field);
    if (!KEY_TYPES.includes(found))
      throw fail(
        "PLAN_LOOKUP",
        `"${field}" of "${table.name}" is ${found} in its schema, not a string or a number`,
      );
  }
  const [input] = node.inputs;
  const before = input?.port === "main" ? pipeline.nodes[input.node] : undefined;
  const stream = before && sourceOfRows(pipeline, before);
  if (typeof by !== "string" || stream === undefined) return;
  const own = fieldType(stream, by);
  if (own === "missing") throw fail("PLAN_LOOKUP", `its key "${by}" is no field of stream "${stream.id}"`);
  const [mine, its] = [jsonType(own), jsonType(fieldType(table, table.key))];
  if (mine !== undefined && its !== undefined && mine !== its)
    throw fail(
      "PLAN_LOOKUP",
      `its key "${by}" is ${mine}, and "${table.key}" of "${table.name}" ${its}: 5 is not "5", so that no row would be found; make one of it with a function`,
    );
}
