import { jsonOf } from "../../shared/events/json-of.ts";
import { refused } from "../aws/answer.ts";
import type { ViewReader } from "../aws/read-view.ts";
import { fitting } from "./fit.ts";
import { keyIn, limitIn, type Parameters, rangeIn } from "./parameters.ts";

/**
 * `GET /v1/views/{view}?key&keyType&from&to&sortType&limit&cursor`: rows of one key in the order of their sort
 * value, as `{ view, key, items, cursor? }`. With the cursor in place the same query goes on where the page ended.
 * A page may be shorter than `limit`; only one without a cursor is the last.
 * @throws MillraceError `VIEW_UNKNOWN`, `QUERY_KEY`, `QUERY_RANGE`, `QUERY_LIMIT`, `CURSOR_INVALID`
 */
export async function queryView(
  view: string,
  parameters: Parameters,
  { views, readView }: { readonly views: ReadonlySet<string>; readonly readView: ViewReader },
): Promise<string> {
  if (!views.has(view)) throw refused("VIEW_UNKNOWN", `no pipeline writes a view "${view.slice(0, 60)}"`);
  const key = keyIn(parameters);
  const { from, to } = rangeIn(parameters);
  const { cursor } = parameters;
  return fitting(limitIn(parameters), async (limit) => {
    const page = await readView({ view, key, from, to, limit, cursor });
    return {
      view,
      key,
      items: page.rows.map(({ row }) => jsonOf(row)),
      ...(page.cursor && { cursor: page.cursor }),
    };
  });
}
