import type { StandardSchemaV1 } from "@standard-schema/spec";
import { messageOf } from "../../errors/millrace-error.ts";
import { frozen } from "../../operators/frozen.ts";
import { checkKeepable } from "../../operators/keepable.ts";
import type { Answer, FoundRow } from "../../operators/lookup/answer.ts";
import type { TableSpec } from "../../operators/lookup/spec.ts";
import { parseTime } from "../../time/clock.ts";
import { BEGINNING_OF_TIME, type EpochMs } from "../../time/time.ts";

/** What a table says of a key, of its rows as the store has them; a promise where the schema's validator gives one. */
export function answerOf(
  table: TableSpec,
  stored: readonly unknown[],
  since: EpochMs,
): Answer | Promise<Answer> {
  const times = stored.map((row) => fromOf(table, row));
  // where one of a key's rows cannot be placed, it may be the one that holds at any time
  const astray = times.indexOf(undefined);
  if (astray !== -1)
    return unusable(
      `"${table.version}" of a row says ${textOf((stored[astray] as Row)?.[table.version ?? ""])}, which is no time`,
    );
  const rows = stored.map((row, i) => foundRow(table, row, times[i] as EpochMs));
  const answer = (found: readonly FoundRow[]): Answer => {
    const sorted = found.toSorted((a, b) => (a.from === b.from ? 0 : a.from - b.from));
    const [first] = sorted;
    // before the oldest that was read lie others, unless it began after the time that was asked for
    return {
      rows: sorted,
      since: first !== undefined && first.from <= since ? first.from : BEGINNING_OF_TIME,
    };
  };
  return rows.some((row) => row instanceof Promise)
    ? Promise.all(rows).then(answer)
    : answer(rows as FoundRow[]);
}

/** An answer with which every event of the key fails. */
export const unusable = (problem: string): Answer => ({
  rows: [{ from: BEGINNING_OF_TIME, row: undefined, problem }],
  since: BEGINNING_OF_TIME,
});

type Row = Readonly<Record<string, unknown>> | null;

const fromOf = ({ version }: TableSpec, row: unknown): EpochMs | undefined =>
  version === undefined ? BEGINNING_OF_TIME : parseTime((row as Row)?.[version]);

function foundRow(table: TableSpec, stored: unknown, from: EpochMs): FoundRow | Promise<FoundRow> {
  let result: ReturnType<StandardSchemaV1.Props["validate"]>;
  try {
    result = table.schema["~standard"].validate(stored);
  } catch (thrown) {
    return misfit(from, messageOf(thrown));
  }
  return result instanceof Promise
    ? result.then(
        (late) => checked(from, late),
        (thrown: unknown) => misfit(from, messageOf(thrown)),
      )
    : checked(from, result);
}

function checked(from: EpochMs, result: StandardSchemaV1.Result<unknown>): FoundRow {
  if (result.issues !== undefined) {
    const [issue] = result.issues;
    const path = (issue?.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
    return misfit(from, `${path.length > 0 ? `${path.join(".")}: ` : ""}${issue?.message ?? "refused"}`);
  }
  try {
    checkKeepable(result.value);
  } catch (thrown) {
    return misfit(from, messageOf(thrown));
  }
  // many events get the same row
  return { from, row: frozen(result.value) };
}

const misfit = (from: EpochMs, why: string): FoundRow => ({
  from,
  row: undefined,
  problem: `a row does not fit its schema (${why})`,
});

const textOf = (value: unknown): string => JSON.stringify(value) ?? String(value);
