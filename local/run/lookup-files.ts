import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { readLines } from "../../functions/aws/lookups/read-lines.ts";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Key } from "../../shared/events/event.ts";
import type { Answer, LookupReader } from "../../shared/operators/lookup/answer.ts";
import type { TableSpec } from "../../shared/operators/lookup/spec.ts";
import { type Stage, tablesOf } from "../../shared/operators/stage.ts";
import { answerOf, unusable } from "../../shared/protocol/lookup/checked-row.ts";
import { storedByKey } from "../../shared/protocol/lookup/stored-rows.ts";
import { BEGINNING_OF_TIME } from "../../shared/time/time.ts";

/** Where the rows of tables are, by name: files of JSON lines, gzipped or not. */
export type LookupFiles = ReadonlyMap<string, string>;

/**
 * The lines of each table's file.
 * @throws MillraceError `RUN_INPUT` for a table without a file, and a file that is missing or of no table
 */
export function lookupLines(names: readonly string[], files: LookupFiles): Map<string, unknown[]> {
  for (const [name, path] of files) {
    if (!names.includes(name)) throw refusal(`--lookup ${name}=…: no pipeline looks up "${name}"`);
    if (!existsSync(path)) throw refusal(`--lookup ${name}=${path}: there is no such file`);
  }
  return new Map(
    names.map((name) => {
      const path = files.get(name);
      if (path === undefined)
        throw refusal(`table "${name}" is looked up: give it a file with --lookup ${name}=…`);
      const bytes = readFileSync(path);
      return [name, readLines(path.endsWith(".gz") ? gunzipSync(bytes) : bytes)];
    }),
  );
}

/** Reads the files of all tables that stages look up, and checks every row: a run waits for nothing then. */
export async function readLookups(stages: readonly Stage[], files: LookupFiles): Promise<LookupReader> {
  const tables = new Map(stages.flatMap(tablesOf).map((table) => [table.name, table]));
  const lines = lookupLines([...tables.keys()], files);
  const readers = new Map<string, (key: Key) => Answer>();
  for (const [name, table] of tables) readers.set(name, await readerOf(table, lines.get(name) ?? []));
  return { read: ({ name }, key) => readers.get(name)?.(key) };
}

async function readerOf(table: TableSpec, lines: readonly unknown[]): Promise<(key: Key) => Answer> {
  const { stored, astray } = storedByKey(table, lines);
  const answers = new Map<Key, Answer>();
  for (const [key, rows] of stored) answers.set(key, await answerOf(table, rows, BEGINNING_OF_TIME));
  const none = astray === undefined ? { rows: [], since: BEGINNING_OF_TIME } : unusable(astray);
  return (key) => answers.get(key) ?? none;
}

const refusal = (sentence: string): MillraceError =>
  new MillraceError("RUN_INPUT", sentence, { next: "refused" });
