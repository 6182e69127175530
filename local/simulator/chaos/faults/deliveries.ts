import type { Random } from "../../random.ts";
import type { StepFault } from "../fault.ts";
import type { Mapping } from "../mapping.ts";
import type { World } from "../world.ts";

/** What befalls batches on their way from a stream to a stage. */
export const DELIVERY_FAULTS: readonly StepFault[] = [
  {
    name: "timeout",
    says: "a batch is given to another environment while the first goes on",
    at: "step",
    rate: 0.01,
    strike(world, random) {
      const busy = random.pick(world.busy);
      if (busy?.delivery === undefined || !busy.mapping.expire(busy.delivery)) return undefined;
      world.count("timeout");
      return busy.name;
    },
  },
  {
    name: "duplicate",
    says: "up to 8 records are delivered again",
    at: "step",
    rate: 0.01,
    strike(world, random) {
      const { mapping, shard } = anyShard(world, random);
      if (mapping === undefined || shard === undefined) return undefined;
      const again = mapping.rewind(shard, 1 + random.below(8));
      if (again === 0) return undefined;
      world.count("duplicate");
      return `${mapping.stage.id}: ${again} of ${shard.id}`;
    },
  },
  {
    name: "out-of-order",
    says: "records are delivered before others: of a stage's stream any, of a source those of other partitions",
    at: "step",
    rate: 0.02,
    async strike(world, random) {
      const { mapping, shard } = anyShard(world, random);
      if (mapping === undefined || shard === undefined) return undefined;
      const ahead = mapping.ahead(shard, 1 + random.below(3), 1 + random.below(4), (data) =>
        world.planted.has(data),
      );
      if (ahead === undefined || !(await world.deliver(mapping, ahead))) return undefined;
      world.count("out-of-order");
      return `${mapping.stage.id}: ${ahead.records.length} of ${shard.id}`;
    },
  },
  {
    name: "rebatch",
    says: "records that were delivered come again in batches of another size",
    at: "step",
    rate: 0.005,
    strike(world, random) {
      const { mapping, shard } = anyShard(world, random);
      if (mapping === undefined || shard === undefined) return undefined;
      const batch = random.oneOf(1, 2, 3, 5, 30);
      const again = mapping.rewind(shard, 8);
      if (again === 0 || batch === mapping.batch) return undefined;
      mapping.batch = batch;
      world.count("rebatch");
      return `${mapping.stage.id}: ${again} of ${shard.id} in batches of ${batch}`;
    },
  },
  {
    name: "recreate",
    says: "an event source mapping is deleted, and created again at TRIM_HORIZON",
    at: "step",
    rate: 0.004,
    strike(world, random) {
      const mapping = random.pick(world.mappings);
      const again = mapping?.recreate() ?? 0;
      if (mapping === undefined || again === 0) return undefined;
      world.count("recreate");
      return `${mapping.stage.id}: ${again} records`;
    },
  },
  {
    name: "children-first",
    says: "a source's shard is split, and its children are read before it is read to its end",
    at: "step",
    rate: 0.02,
    strike(world, random) {
      const mapping = random.pick(world.mappings.filter(({ stage }) => stage.input.kind === "source"));
      const shard = mapping && random.pick(world.shards.open(mapping.stream));
      if (!mapping || !shard || !world.shards.split(mapping.stream, shard, 1 + random.below(7)))
        return undefined;
      mapping.childrenWait = false;
      return `${mapping.stage.id}: ${shard.id} is split`;
    },
  },
  {
    name: "stale-cache",
    says: "a warm environment that others have left behind gets the next batch",
    at: "step",
    rate: 0.05,
    async strike(world, random) {
      const stale = random.pick(world.stale);
      const shard = stale && random.pick(stale.mapping.ready);
      if (stale === undefined || shard === undefined) return undefined;
      const delivery = stale.mapping.lease(shard, 1 + random.below(stale.mapping.batch));
      await world.deliver(stale.mapping, delivery, stale);
      world.count("stale-cache");
      return stale.name;
    },
  },
];

function anyShard(
  world: World,
  random: Random,
): { readonly mapping: Mapping | undefined; readonly shard: Mapping["shards"][number] | undefined } {
  const mapping = random.pick(world.mappings);
  return { mapping, shard: mapping && random.pick(mapping.shards) };
}
