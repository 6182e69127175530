import type { WireRow } from "../../../../shared/frames/frame.ts";
import type { Stage } from "../../../../shared/operators/stage.ts";
import type { Entry } from "../../../../shared/protocol/entry.ts";
import { decodeEntry } from "../../../../shared/protocol/entry.ts";
import type { Environment } from "../../../../shared/protocol/environment.ts";
import { Partition } from "../../../../shared/protocol/partition.ts";
import type { LogItem } from "../../../../shared/protocol/ports.ts";
import { encodeValue } from "../../../../shared/state/codec.ts";
import { contentsOf, type Services } from "../../services.ts";
import type { World } from "../world.ts";
import { combinersOf } from "./combined.ts";
import { loggedLookups } from "./logged-lookups.ts";
import { presentRow } from "./present-rows.ts";
import type { TakenEntry } from "./taken.ts";

/** Something like the world's services that is empty, and nothing befalls. */
export type Fresh = { readonly services: Services; readonly env: Environment };

/** The committed order of each partition. */
export type Order = ReadonlyMap<Stage, readonly (readonly TakenEntry[])[]>;

/**
 * Gives one environment, which nothing befalls, the input in the order in which it was committed, and compares:
 * - in the same batches, the same entries are written, and tables and lake end up the same: no effect came twice, none
 *   is missing, and no crash, retry, cold start or snapshot changed what came of the input;
 * - all in one batch, the same rows are given: they do not depend on where batches end.
 */
export async function differencesInReplay(world: World, order: Order, fresh: () => Fresh): Promise<string[]> {
  const differences: string[] = [];
  const same = fresh();
  const whole = fresh();
  const stages = new Map([...order.keys()].map((stage) => [stage.id, stage]));
  for (const [stage, partitions] of order)
    for (const [partition, entries] of partitions.entries()) {
      const id = { stage: stage.id, partition, epoch: 0 };
      const lookups = loggedLookups(entries);
      let replica = new Partition(stage, id, same.env, lookups);
      let code = same.env.codeVersion;
      for (const { item, pieces } of entries) {
        if (item.codeVersion !== code) {
          code = item.codeVersion;
          const as = world.stageOf(stage, code);
          replica = new Partition(as, id, { ...same.env, codeVersion: code }, lookups);
        }
        await replica.process(pieces);
      }
      const where = `stage "${stage.id}", partition ${partition}`;
      const replayed = await same.env.log.readAfter(id, 0);
      const at = firstDifference(entries, replayed);
      if (at !== undefined) differences.push(`${where}: entry ${at} replays as another`);
      await new Partition(stage, id, whole.env, lookups).process(entries.flatMap(({ pieces }) => pieces));
      const one = (await whole.env.log.readAfter(id, 0)).map(({ body }) =>
        decodeEntry(body, whole.env.compression),
      );
      const what = firstUnlike(
        summaryOf(
          stage,
          entries.map(({ item }) => item.entry),
          stages,
        ),
        summaryOf(stage, one, stages),
      );
      if (what !== undefined) differences.push(`${where}: ${what} depends on where batches end`);
    }
  return differences.length > 0 ? differences : differencesInEffects(world.services, same.services);
}

function firstDifference(entries: readonly TakenEntry[], replayed: readonly LogItem[]): number | undefined {
  const at = entries.findIndex(({ item }, i) => {
    const other = replayed[i]?.body;
    return other === undefined || Buffer.compare(item.body, other) !== 0;
  });
  if (at !== -1) return at + 1;
  return replayed.length > entries.length ? entries.length + 1 : undefined;
}

/** What entries say together, however many they are. */
function summaryOf(
  stage: Stage,
  entries: readonly Entry[],
  stages: ReadonlyMap<string, Stage>,
): Record<string, unknown> {
  const combiners = combinersOf(stage);
  const combined = new Map<string, WireRow[]>();
  const rows = new Map<string, unknown[]>();
  const add = (to: string, more: readonly unknown[]): void => {
    const list = rows.get(to) ?? [];
    rows.set(to, list);
    list.push(...more);
  };
  const views = new Map<string, unknown>();
  for (const { frames, lake, views: written, failed } of entries) {
    for (const [to, partition, , , sent] of frames)
      if (combiners.has(to)) {
        const name = combiners.get(to)?.byPartition === true ? `${to}/${partition}` : to;
        combined.set(name, [...(combined.get(name) ?? []), ...sent]);
      } else if (sent.length > 0) {
        const receiver = stages.get(to);
        add(
          `frames to ${to}/${partition}`,
          sent.map((row) => presentRow(receiver, row)),
        );
      }
    for (const [sink, folders, file] of lake) add(`lake "${sink}" ${JSON.stringify(folders)}`, file);
    for (const [view, all] of written)
      for (const [key, sort, row] of all) views.set(JSON.stringify([view, key, sort]), row);
    if (failed.length > 0)
      add(
        "failed events",
        failed.map(({ payload, error, position }) => ({ payload, error, position })),
      );
  }
  for (const [name, sent] of combined)
    add(`frames to ${name}`, combiners.get(name.split("/")[0] ?? name)?.normal(sent) ?? []);
  const last = entries.at(-1);
  const watermark = last?.time.watermark;
  return { ...Object.fromEntries(rows), ...Object.fromEntries(views), counts: last?.counts, watermark };
}

function firstUnlike(a: Record<string, unknown>, b: Record<string, unknown>): string | undefined {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].find(
    (name) => anyCode(a[name]) !== anyCode(b[name]),
  );
}

/** As text, without which build gave what failed: one batch is of one build. */
const anyCode = (value: unknown): string =>
  encodeValue([value]).replaceAll(/"codeVersion":"[^"]*"/g, '"codeVersion":""');

function differencesInEffects(found: Services, right: Services): string[] {
  const [here, there] = [contentsOf(found), contentsOf(right)];
  const names = [...new Set([...here.keys(), ...there.keys()])];
  const wrong = names.filter((name) => here.get(name) !== there.get(name));
  return wrong.slice(0, 3).map((name) => {
    if (!there.has(name)) return `${name} is there, and no entry gave it`;
    return here.has(name) ? `${name} is not what its entries gave` : `${name} is missing`;
  });
}
