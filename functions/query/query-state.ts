import { jsonOf } from "../../shared/events/json-of.ts";
import { type QueryableStages, stageToQuery } from "../../shared/plan/queryable.ts";
import type { StateReader } from "../../shared/protocol/read-state.ts";
import { refused } from "../aws/answer.ts";
import { MAX_ANSWER_BYTES } from "./fit.ts";
import { keyIn, type Parameters } from "./parameters.ts";

type Asked = Readonly<Record<string, string | undefined>>;

/**
 * `GET /v1/state/{pipeline}/{operator}/{key}?keyType`, or `…/{operator}?key&keyType` for a key that no path can hold:
 * what an operator keeps of a key, as of the newest commit, as `{ pipeline, operator, key, state, version, watermark }`.
 * @throws MillraceError `PIPELINE_UNKNOWN`, `STATE_UNKNOWN`, `QUERY_KEY`, `STATE_LIMIT`; what stops the partition itself
 */
export async function queryState(
  { pipeline = "", operator = "", key: inPath }: Asked,
  parameters: Parameters,
  { stages, reader }: { readonly stages: QueryableStages; readonly reader: StateReader },
): Promise<string> {
  const stage = stageToQuery(stages, pipeline, operator);
  const key = keyIn(inPath === undefined ? parameters : { ...parameters, key: inPath });
  const { state, v, watermark } = await reader.read(stage, operator, key);
  const told = {
    pipeline,
    operator,
    key,
    state: jsonOf(state),
    version: v,
    // before the first event, and after the last, there is no such time
    watermark: Number.isFinite(watermark) ? watermark : null,
  };
  const text = JSON.stringify(told);
  if (Buffer.byteLength(text) > MAX_ANSWER_BYTES)
    throw refused("STATE_LIMIT", `the state of this key is longer than ${MAX_ANSWER_BYTES} bytes`);
  return text;
}
