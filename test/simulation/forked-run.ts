import { differences } from "../../local/reference/differences.ts";
import { interpret } from "../../local/reference/interpret.ts";
import { RECORD_FAULTS } from "../../local/simulator/chaos/faults/records.ts";
import { historyOf } from "../../local/simulator/chaos/judge/history.ts";
import { orderOf } from "../../local/simulator/chaos/judge/judge.ts";
import type { Order } from "../../local/simulator/chaos/judge/replay.ts";
import { settingOf } from "../../local/simulator/chaos/weather.ts";
import type { ChaosScenario } from "../../local/simulator/chaos.ts";
import { Random } from "../../local/simulator/random.ts";
import { failedEvents, lakeRows, stageCounts, viewRows } from "../../local/simulator/read-back.ts";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import type { FailedEvent } from "../../shared/events/event.ts";
import { decodeFrame } from "../../shared/frames/decode.ts";
import { createSavepoint } from "../../shared/protocol/savepoint/create.ts";
import type { Savepoint } from "../../shared/protocol/savepoint/manifest.ts";
import { restoreSavepoint } from "../../shared/protocol/savepoint/restore.ts";
import { isOpening } from "../../shared/protocol/savepoint/saved-log.ts";
import { milliseconds } from "../../shared/time/time.ts";
import { reachOf, Scene } from "./savepoint-run.ts";

const FORK_SALT = 42;

/** A fork and its original, and what is wrong with either: a sentence each. */
export type ForkedRun = { readonly broken: readonly string[]; readonly refused?: string };

/**
 * Takes a savepoint of a scenario in trouble, lets it come to its end undisturbed by that, forks it into a deployment
 * with tables, bucket and streams of its own, and gives that the events which the savepoint had not read. What the
 * original had given up to the savepoint and what the fork gives are together what an uninterrupted run gives.
 * Only for pipelines whose stages read each stream once: what was not read is then one set of events.
 */
export async function forkedRun(seed: number, scenario: ChaosScenario): Promise<ForkedRun> {
  const random = Random.at(seed, 0, FORK_SALT);
  const original = new Scene(seed, scenario, random, { without: RECORD_FAULTS });
  const { pace, lastSteps } = settingOf(seed);
  const requests = scenario.input(new Random(seed));
  const first = random.below(requests.length);
  try {
    await original.send(requests.slice(0, first), pace);
    const { planned } = original;
    const savepoint = await createSavepoint({ planned, env: original.outside(), id: "one", streams: {} });
    await original.send(requests.slice(first), pace);
    await original.run.drain();

    const fork = new Scene(seed + 1_000, scenario, random, { without: RECORD_FAULTS });
    fork.world.pass(milliseconds(original.world.now - fork.world.now));
    const env = { ...fork.outside(), epoch: 1 };
    const from = original.world.plain.blobs;
    await restoreSavepoint({ savepoint, from, planned, env, sameStream: () => false });
    fork.world.goOn(reachOf(savepoint));
    await giveTheRest(original, fork, savepoint);
    for (let left = lastSteps; left > 0; left -= 1) await fork.run.step();
    await fork.run.drain();
    for (const { world, run } of [original, fork]) {
      await world.end();
      await run.drain();
    }
    return {
      broken: [...(await wrongInOriginal(original)), ...(await wrongTogether(original, fork, savepoint))],
    };
  } catch (thrown) {
    if (thrown instanceof MillraceError && thrown.code === "SAVEPOINT_FRAMES_GONE")
      return { broken: [], refused: thrown.code };
    return { broken: [messageOf(thrown)] };
  }
}

/** Sends the records of events that were behind the positions of the savepoint, in the order in which they came. */
async function giveTheRest({ world }: Scene, fork: Scene, { stages }: Savepoint): Promise<void> {
  for (const { plan, partitions } of stages) {
    const { input } = plan;
    if (input.kind !== "source") continue;
    const records = world.shards
      .of(input.stream)
      .flatMap((shard) => shard.records.map((record) => ({ shard: shard.id, record })))
      .sort((a, b) => (BigInt(a.record.SequenceNumber) < BigInt(b.record.SequenceNumber) ? -1 : 1));
    for (const { shard, record } of records) {
      const frame = decodeFrame(record.Data, world.plain.compression);
      if (frame?.kind !== "events") continue;
      const read = partitions[frame.partition]?.positions.find(([source]) => source === shard)?.[1] ?? -1;
      if (BigInt(record.SequenceNumber) <= BigInt(read)) continue;
      const { partition } = frame;
      await fork.world.send(input.stream, [{ partition, partitions: plan.partitions, data: record.Data }]);
      await fork.steps(6);
    }
  }
}

async function wrongInOriginal({ world, planned }: Scene): Promise<string[]> {
  const { services } = world;
  const found = {
    view: (name: string) => viewRows(services, name),
    lake: (name: string) => lakeRows(services, name),
    failed: () => failedEvents(services),
    counts: () => stageCounts(services),
  };
  const order = await orderOf(world);
  return differences(planned, found, interpret(planned, historyOf(order), "usual"));
}

/** The timeline of the fork: the original's up to the savepoint, then its own. */
async function wrongTogether(original: Scene, fork: Scene, savepoint: Savepoint): Promise<string[]> {
  const reach = reachOf(savepoint);
  const later = await orderOf(fork.world);
  const before = new Map([...(await orderOf(original.world))].map(([{ id }, entries]) => [id, entries]));
  const order: Order = new Map(
    [...later].map(([stage, partitions]) => [
      stage,
      partitions.map((entries, partition) => [
        ...(before.get(stage.id)?.[partition] ?? []).slice(0, reach(stage.id, partition)),
        ...entries.filter(({ item }) => !isOpening(item)),
      ]),
    ]),
  );
  // rows by what entries say of them, since the fork has only what it wrote itself
  const views = new Map<string, Map<string, unknown>>();
  const lake = new Map<string, unknown[]>();
  const failed: FailedEvent[] = [];
  for (const partitions of order.values())
    for (const { item } of partitions.flat()) {
      for (const [view, rows] of item.entry.views)
        for (const [key, sort, row] of rows)
          views.set(
            view,
            (views.get(view) ?? new Map<string, unknown>()).set(JSON.stringify([key, sort]), row),
          );
      for (const [sink, , rows] of item.entry.lake) lake.set(sink, [...(lake.get(sink) ?? []), ...rows]);
      failed.push(...item.entry.failed);
    }
  const given = {
    view: (name: string) => [...(views.get(name)?.values() ?? [])].filter((row) => row !== undefined),
    lake: (name: string) => lake.get(name) ?? [],
    failed: () => failed,
    counts: () => stageCounts(fork.world.services),
  };
  const { planned, world } = fork;
  return [
    ...differences(planned, given, interpret(planned, historyOf(order), "usual")),
    ...planned.plan.pipelines.flatMap(({ sinks }) =>
      sinks.flatMap(({ kind, name }) =>
        kind === "view" ? strangers(name, viewRows(world.services, name), given) : [],
      ),
    ),
  ];
}

/** Rows that the fork shows and that no entry of its timeline gave last. */
function strangers(
  view: string,
  rows: readonly unknown[],
  given: { readonly view: (name: string) => readonly unknown[] },
): string[] {
  const right = new Set(given.view(view).map((row) => JSON.stringify(row)));
  return rows
    .filter((row) => !right.has(JSON.stringify(row)))
    .map((row) => `view "${view}" of the fork has ${JSON.stringify(row)}`);
}
