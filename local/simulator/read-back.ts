import type { FailedEvent } from "../../shared/events/event.ts";
import { decodeValue } from "../../shared/state/codec.ts";
import type { Item } from "../models/dynamodb/attribute-value.ts";
import { entryIn } from "./ports/commit-log.ts";
import { BUCKET, FAILED_TABLE, keysUnder, LOG_TABLE, type Services, VIEWS_TABLE } from "./services.ts";

/** The rows of a view, by key and sort value; what was deleted is not among them. */
export function viewRows({ dynamodb }: Services, view: string): unknown[] {
  return itemsOf(dynamodb, VIEWS_TABLE)
    .filter((item) => text(item, "view") === view && "row" in item)
    .map((item) => decodeValue(text(item, "row")));
}

/** The rows of a lake table, in the order of the commits that gave them. */
export function lakeRows({ s3 }: Services, sink: string): unknown[] {
  const files = keysUnder(s3, `lake/${sink}/`).map((key) => ({ name: key.slice(key.lastIndexOf("/")), key }));
  files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return files.flatMap(({ key }) => valueAt(s3, key) as unknown[]);
}

/** All failed events, by pipeline and in the order of the commits that gave them. */
export const failedEvents = ({ dynamodb, s3 }: Services): (FailedEvent & { readonly failedId: string })[] =>
  itemsOf(dynamodb, FAILED_TABLE).map(
    (item) =>
      ("event" in item ? decodeValue(text(item, "event")) : valueAt(s3, text(item, "key"))) as FailedEvent & {
        readonly failedId: string;
      },
  );

/** The counters of each stage, over all its partitions, each of its newest epoch. */
export function stageCounts({ dynamodb }: Services): Record<string, Record<string, number>> {
  const last = new Map<string, { readonly epoch: number; readonly item: Item }>();
  for (const item of itemsOf(dynamodb, LOG_TABLE)) {
    if (!("said" in item)) continue;
    const [stage, partition, epoch] = text(item, "pk").split("#");
    const log = `${stage}#${partition}`;
    if ((last.get(log)?.epoch ?? 0) <= Number(epoch)) last.set(log, { epoch: Number(epoch), item });
  }
  const stages: Record<string, Record<string, number>> = {};
  for (const [log, { item }] of last) {
    const stage = log.slice(0, log.indexOf("#"));
    const counts = stages[stage] ?? {};
    stages[stage] = counts;
    for (const [name, n] of Object.entries(entryIn(item).counts)) counts[name] = (counts[name] ?? 0) + n;
  }
  return stages;
}

/** A table's items, by their keys. */
function itemsOf(dynamodb: Services["dynamodb"], TableName: string): Item[] {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = dynamodb.scan({ TableName, ...(from === undefined ? {} : { ExclusiveStartKey: from }) });
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items.sort((a, b) => compare(text(a, "pk"), text(b, "pk")) || compareSort(a, b));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const compareSort = (a: Item, b: Item): number =>
  "v" in a ? number(a, "v") - number(b, "v") : compare(text(a, "sk"), text(b, "sk"));

const valueAt = (s3: Services["s3"], Key: string): unknown =>
  decodeValue(new TextDecoder().decode(s3.getObject({ Bucket: BUCKET, Key }).Body));

function text(item: Item, name: string): string {
  const value = item[name];
  return value !== undefined && "S" in value ? value.S : "";
}

function number(item: Item, name: string): number {
  const value = item[name];
  return value !== undefined && "N" in value ? Number(value.N) : Number.NaN;
}
