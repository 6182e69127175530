import type { StandardSchemaV1 } from "@standard-schema/spec";
import { messageOf } from "../../errors/millrace-error.ts";
import { frozen } from "../../operators/frozen.ts";
import { checkKeepable } from "../../operators/keepable.ts";
import type { Answer, FoundRow } from "../../operators/lookup/answer.ts";
import type { FileLine } from "../../operators/lookup/file-format.ts";
import type { TableSpec } from "../../operators/lookup/spec.ts";
import { parseTime } from "../../time/clock.ts";
import { BEGINNING_OF_TIME, type EpochMs } from "../../time/time.ts";

/**
 * What a table says of a key, of its rows as the store has them; a promise where the schema's validator gives one.
 * @param lines - where in a file the rows are
 */
export function answerOf(
  table: TableSpec,
  stored: readonly unknown[],
  since: EpochMs,
  lines: readonly number[] = [],
): Answer | Promise<Answer> {
  const times = stored.map((row) => fromOf(table, row));
  // where one of a key's rows cannot be placed, it may be the one that holds at any time
  const astray = times.indexOf(undefined);
  if (astray !== -1)
    return unusable(
      `"${table.version}" of ${rowAt(table, stored[astray], lines[astray])} says ${textOf((stored[astray] as Row)?.[table.version ?? ""])}, which is no time`,
    );
  const rows = stored.map((row, i) => foundRow(table, row, times[i] as EpochMs, rowAt(table, row, lines[i])));
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

/** What a file says of a key, of the lines that it has for it. */
export const fileAnswer = (table: TableSpec, lines: readonly FileLine[]): Answer | Promise<Answer> =>
  answerOf(
    table,
    lines.map(({ value }) => value),
    BEGINNING_OF_TIME,
    lines.map(({ line }) => line),
  );

/** Where a row is: its line, or its key. */
const rowAt = ({ key }: TableSpec, stored: unknown, line: number | undefined): string =>
  line === undefined ? `the row of ${textOf((stored as Row)?.[key])}` : `line ${line}`;

/** An answer with which every event of the key fails. */
export const unusable = (problem: string): Answer => ({
  rows: [{ from: BEGINNING_OF_TIME, row: undefined, problem }],
  since: BEGINNING_OF_TIME,
});

type Row = Readonly<Record<string, unknown>> | null;

const fromOf = ({ version }: TableSpec, row: unknown): EpochMs | undefined =>
  version === undefined ? BEGINNING_OF_TIME : parseTime((row as Row)?.[version]);

function foundRow(
  table: TableSpec,
  stored: unknown,
  from: EpochMs,
  row: string,
): FoundRow | Promise<FoundRow> {
  const misfit = (why: string): FoundRow => ({
    from,
    row: undefined,
    problem: `${row} does not fit its schema (${why})`,
  });
  const checked = (result: StandardSchemaV1.Result<unknown>): FoundRow => {
    if (result.issues !== undefined) return misfit(issueOf(result.issues));
    try {
      checkKeepable(result.value);
    } catch (thrown) {
      return misfit(messageOf(thrown));
    }
    // many events get the same row
    return { from, row: frozen(result.value) };
  };
  try {
    const result = table.schema["~standard"].validate(stored);
    return result instanceof Promise
      ? result.then(checked, (thrown: unknown) => misfit(messageOf(thrown)))
      : checked(result);
  } catch (thrown) {
    return misfit(messageOf(thrown));
  }
}

function issueOf([issue]: readonly StandardSchemaV1.Issue[]): string {
  const path = (issue?.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return `${path.length > 0 ? `${path.join(".")}: ` : ""}${issue?.message ?? "refused"}`;
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? String(value);
