import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parquetMetadata } from "hyparquet";
import type { Key } from "../../shared/events/event.ts";
import type { SinkPlan } from "../../shared/plan/plan.ts";
import { decodeValue } from "../../shared/state/codec.ts";
import { compareKeys, keyOfSortable } from "../../shared/state/key-order.ts";
import type { Cloud } from "../cloud.ts";
import type { Item } from "../models/dynamodb/attribute-value.ts";
import type { Deployment } from "./deployment.ts";

export type StoredData = Pick<Cloud, "dynamodb" | "s3">;

/**
 * Writes what is in the sinks to files: `<view>.jsonl`, rows as the view serves them, in the order of key and
 * sort; `lake/<table>/…parquet`, byte for byte. What an earlier job left of these sinks goes first.
 * @returns the rows of each sink; a lake table that has a view's name is called `<name>.lake`
 */
export async function mirrorSinks(
  cloud: StoredData,
  { viewsTable, bucket }: Deployment,
  sinks: readonly SinkPlan[],
  folder: string,
): Promise<Record<string, number>> {
  await mkdir(folder, { recursive: true });
  const views = sinks.filter(({ kind }) => kind === "view").map(({ name }) => name);
  const rows: Record<string, number> = {};
  const stored = rowsByView(cloud, viewsTable);
  for (const view of views)
    rows[view] = await writeView(join(folder, `${view}.jsonl`), stored.get(view) ?? []);
  for (const { kind, name } of sinks)
    if (kind === "lake")
      rows[views.includes(name) ? `${name}.lake` : name] = await writeTable(cloud, bucket, name, folder);
  return rows;
}

type ViewRow = { readonly key: Key; readonly sort: Key; readonly row: unknown };

function rowsByView({ dynamodb }: StoredData, table: string): Map<string, ViewRow[]> {
  const views = new Map<string, ViewRow[]>();
  let after: Item | undefined;
  do {
    const page = dynamodb.scan({ TableName: table, ...(after && { ExclusiveStartKey: after }) });
    for (const { pk, sk, row, deleted } of page.Items ?? []) {
      if (deleted !== undefined) continue;
      const [view = "", key = ""] = splitOnce(textOf(pk), "#");
      const stored = {
        key: keyOfSortable(key),
        sort: keyOfSortable(textOf(sk)),
        row: decodeValue(textOf(row)),
      };
      const known = views.get(view);
      if (known === undefined) views.set(view, [stored]);
      else known.push(stored);
    }
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return views;
}

const textOf = (value: Item[string] | undefined): string =>
  value !== undefined && "S" in value ? String(value.S) : "";

const splitOnce = (text: string, at: string): [string, string] => {
  const place = text.indexOf(at);
  return [text.slice(0, place), text.slice(place + at.length)];
};

async function writeView(file: string, rows: ViewRow[]): Promise<number> {
  rows.sort((a, b) => compareKeys(a.key, b.key) || compareKeys(a.sort, b.sort));
  await writeFile(file, rows.map(({ row }) => `${JSON.stringify(row)}\n`).join(""));
  return rows.length;
}

async function writeTable({ s3 }: StoredData, bucket: string, name: string, folder: string): Promise<number> {
  const prefix = `lake/${name}/`;
  await rm(join(folder, prefix), { recursive: true, force: true });
  let rows = 0;
  let token: string | undefined;
  do {
    const page = s3.listObjectsV2({
      Bucket: bucket,
      Prefix: prefix,
      ...(token !== undefined && { ContinuationToken: token }),
    });
    for (const { Key } of page.Contents ?? []) {
      const { Body } = s3.getObject({ Bucket: bucket, Key });
      const file = join(folder, Key);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, Body);
      rows += Number(parquetMetadata(exactBuffer(Body)).num_rows);
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return rows;
}

/** A view of bytes may be part of a larger buffer, which a reader would take for the file. */
const exactBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
