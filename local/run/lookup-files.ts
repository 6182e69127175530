import { existsSync, readFileSync } from "node:fs";
import { fileContent, plainBytes } from "../../functions/aws/lookups/file-content.ts";
import { csv } from "../../shared/csv.ts";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import type { Key } from "../../shared/events/event.ts";
import type { Answer, LookupReader } from "../../shared/operators/lookup/answer.ts";
import { declaredAs, type FileContent, formatByName } from "../../shared/operators/lookup/file-format.ts";
import { JSON_LINES } from "../../shared/operators/lookup/json-lines.ts";
import type { TableSpec } from "../../shared/operators/lookup/spec.ts";
import { type Stage, tablesOf } from "../../shared/operators/stage.ts";
import { fileAnswer, unusable } from "../../shared/protocol/lookup/checked-row.ts";
import { storedByKey } from "../../shared/protocol/lookup/stored-rows.ts";
import { BEGINNING_OF_TIME } from "../../shared/time/time.ts";
import type { LookupContent } from "../simulator/lookup-rows.ts";

/** Where the rows of tables are, by name: files of JSON lines or CSV, gzipped or not. */
export type LookupFiles = ReadonlyMap<string, string>;

/**
 * What the files say of tables that stages look up. For a table in DynamoDB the file's name says its format.
 * @throws MillraceError `RUN_INPUT` for a file that is missing, of no table, or of which nothing can be read
 */
function lookupContents(stages: readonly Stage[], files: LookupFiles): ReadonlyMap<TableSpec, FileContent> {
  const tables = new Map(stages.flatMap(tablesOf).map((table) => [table.name, table]));
  for (const [name, path] of files) {
    if (!tables.has(name)) throw refusal(`--lookup ${name}=…: no pipeline looks up "${name}"`);
    if (!existsSync(path)) throw refusal(`--lookup ${name}=${path}: there is no such file`);
  }
  return new Map(
    [...tables.values()].flatMap((table) => {
      const path = files.get(table.name);
      return path === undefined ? [] : [[table, contentOf(table, path)] as const];
    }),
  );
}

/** The same for a local cloud: of tables in S3 the text, with all that is wrong in it, of others the rows. */
export const cloudContents = (
  stages: readonly Stage[],
  files: LookupFiles,
): Readonly<Record<string, LookupContent>> =>
  Object.fromEntries(
    [...lookupContents(stages, files)].map(([{ name, store }, { lines }]) => [
      name,
      store === "s3"
        ? new TextDecoder().decode(plainBytes(readFileSync(files.get(name) ?? "")))
        : lines.flatMap(({ value, problem }) => (problem === undefined ? [value] : [])),
    ]),
  );

/** @throws MillraceError `RUN_INPUT` where a table that is looked up is given no file */
export function checkAllGiven(stages: readonly Stage[], files: LookupFiles): void {
  const table = stages.flatMap(tablesOf).find(({ name }) => !files.has(name));
  if (table !== undefined)
    throw refusal(`table "${table.name}" is looked up: give it a file with --lookup ${table.name}=…`);
}

function contentOf(table: TableSpec, path: string): FileContent {
  const named = formatByName(path);
  const format = table.format ?? (named === "csv" ? csv() : JSON_LINES);
  if (named !== undefined && named !== format.kind)
    throw refusal(
      `--lookup ${table.name}=${path}: the table is declared as ${NAMES[format.kind]}; declare it with ${declaredAs[named]}`,
    );
  const content = readContent({ ...table, format }, path);
  if (content.problem !== undefined) throw refusal(`--lookup ${table.name}=${path}: ${content.problem}`);
  return content;
}

const NAMES = { csv: "CSV", jsonl: "JSON lines" } as const;

function readContent(table: TableSpec, path: string): FileContent {
  try {
    return fileContent(table, readFileSync(path));
  } catch (cause) {
    throw refusal(`--lookup ${table.name}=${path}: ${messageOf(cause)}`, cause);
  }
}

/** Reads the files of all tables that stages look up, and checks every row: a run waits for nothing then. */
export async function readLookups(stages: readonly Stage[], files: LookupFiles): Promise<LookupReader> {
  const contents = lookupContents(stages, files);
  checkAllGiven(stages, files);
  const readers = new Map<string, (key: Key) => Answer>();
  for (const [table, content] of contents) readers.set(table.name, await readerOf(table, content));
  return { read: ({ name }, key) => readers.get(name)?.(key) };
}

async function readerOf(table: TableSpec, content: FileContent): Promise<(key: Key) => Answer> {
  const { stored, astray } = storedByKey(table, content);
  const answers = new Map<Key, Answer>();
  for (const [key, lines] of stored) answers.set(key, await fileAnswer(table, lines));
  const none = astray === undefined ? { rows: [], since: BEGINNING_OF_TIME } : unusable(astray);
  return (key) => answers.get(key) ?? none;
}

const refusal = (sentence: string, cause?: unknown): MillraceError =>
  new MillraceError("RUN_INPUT", sentence, { next: "refused", cause });
