import type { Environment } from "../../../../shared/protocol/environment.ts";
import { Partition } from "../../../../shared/protocol/partition.ts";
import type { Piece } from "../../../../shared/protocol/record.ts";
import { Replica } from "../../../../shared/protocol/replica.ts";
import { type EpochMs, hours } from "../../../../shared/time/time.ts";
import type { Item } from "../../../models/dynamodb/attribute-value.ts";
import { keysUnder, LOG_TABLE } from "../../services.ts";
import type { World } from "../world.ts";

/** The first marks what is out of use, the second deletes it after a day, the third what the second left behind. */
const SNAPSHOTS = 3;

/**
 * Nothing stays for ever: after some snapshots, each a day after the one before, a partition has its last entry and
 * no other, and the bucket has what that entry and the two newest snapshots refer to, and what is out of use for a
 * day at most. Changes the world: it comes last.
 */
export async function leaksIn(world: World): Promise<string[]> {
  const leaks: string[] = [];
  const env: Environment = { ...world.plain, snapshotEntries: 1 };
  const used = new Set<string>();
  for (let nth = 1; nth <= SNAPSHOTS; nth += 1) {
    world.pass(hours(25));
    for (const stage of world.planned.stages.values())
      for (let partition = 0; partition < stage.partitions; partition += 1) {
        const id = { stage: stage.id, partition, epoch: 0 };
        await new Partition(stage, id, env).process([unreadable(partition, nth, world.now)]);
        const pointer = await env.log.snapshot(id);
        if (nth < SNAPSHOTS - 1 || pointer === undefined) continue;
        const replica = new Replica(stage, id, env);
        await replica.refresh();
        for (const key of replica.objects.keys()) used.add(key);
        used.add(pointer.key);
        if (nth === SNAPSHOTS) for (const [key] of pointer.unused ?? []) used.add(key);
      }
  }
  for (const item of itemsOf(world)) {
    const pk = textOf(item["pk"]);
    const v = item["v"];
    if ("bodyKey" in item) used.add(textOf(item["bodyKey"]));
    const [stage = "", partition = ""] = pk.split("#");
    const last = world.ledger.log(stage, Number(partition)).length;
    if ("said" in item && !(v !== undefined && "N" in v && Number(v.N) === last))
      leaks.push(`log ${pk}: an entry before the last, ${last}, stays`);
  }
  const litter = ["log/", "snapshots/"]
    .flatMap((prefix) => keysUnder(world.services.s3, prefix))
    .filter((key) => !used.has(key) && !isOfAttempt(key, world));
  return [...leaks, ...litter.map((key) => `object "${key}" stays, and nothing refers to it`)];
}

/** Input that any stage takes, and that makes an entry. */
const unreadable = (partition: number, nth: number, at: EpochMs): Piece => ({
  partition,
  record: { shard: "leaks", sequence: String(nth), partitionKey: "", arrivedAt: at, data: new Uint8Array() },
  sentAt: at,
  content: { kind: "poison", payload: "", error: new TypeError("to make an entry") },
});

/** Whether it is the body of an attempt at the last entry or the one after it: the next snapshot after that finds it. */
function isOfAttempt(key: string, world: World): boolean {
  const [, stage = "", partition, v] = /^log\/(.*)#(\d+)#\d+\/(\d+)-/.exec(key) ?? [];
  return v !== undefined && Number(v) >= world.ledger.log(stage, Number(partition)).length;
}

function itemsOf({ services: { dynamodb } }: World): Item[] {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = dynamodb.scan({
      TableName: LOG_TABLE,
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

const textOf = (value: Item[string] | undefined): string =>
  value !== undefined && "S" in value ? value.S : "";
