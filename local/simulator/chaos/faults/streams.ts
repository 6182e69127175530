import type { StepFault } from "../fault.ts";

/** What befalls the shards of a stream. */
export const STREAM_FAULTS: readonly StepFault[] = [
  {
    name: "split",
    says: "a shard is split at an eighth of its range",
    at: "step",
    rate: 0.01,
    strike(world, random) {
      const stream = random.pick(world.streams);
      const shard = stream && random.pick(world.shards.open(stream.id));
      if (!stream || !shard || !world.shards.split(stream.id, shard, 1 + random.below(7))) return undefined;
      world.count("split");
      return `${stream.id} ${shard.id}`;
    },
  },
  {
    name: "merge",
    says: "two neighbouring shards are merged; where there is one, it is split before",
    at: "step",
    rate: 0.01,
    strike(world, random) {
      const stream = random.pick(world.streams);
      const [only, second] = stream === undefined ? [] : world.shards.open(stream.id);
      if (!stream || !only) return undefined;
      if (second === undefined) world.shards.split(stream.id, only, 4);
      const open = world.shards.open(stream.id);
      const at = random.below(open.length - 1);
      const [shard, neighbour] = [open[at], open[at + 1]];
      if (!shard || !neighbour) return undefined;
      world.shards.merge(stream.id, shard, neighbour);
      world.count("merge");
      return `${stream.id} ${shard.id} ${neighbour.id}`;
    },
  },
  {
    name: "split-in-retry",
    says: "a shard is split while a batch of it is being retried",
    at: "step",
    rate: 0.02,
    strike(world, random) {
      const busy = random.pick(world.busy.filter(({ delivery }) => delivery?.shard.open));
      const shard = busy?.delivery?.shard;
      if (!busy?.delivery || !shard) return undefined;
      if (!world.shards.split(busy.mapping.stream, shard, 1 + random.below(7))) return undefined;
      busy.mapping.expire(busy.delivery);
      world.count("split-in-retry");
      return `${busy.mapping.stream} ${shard.id}`;
    },
  },
  {
    name: "on-demand-split",
    says: "a stream on demand splits all its shards at once, anywhere",
    at: "step",
    rate: 0.005,
    strike(world, random) {
      const stream = random.pick(world.streams);
      if (stream === undefined) return undefined;
      const split = world.shards
        .open(stream.id)
        .filter((shard) => world.shards.split(stream.id, shard, 1 + random.below(7)));
      if (split.length === 0) return undefined;
      world.count("on-demand-split");
      return `${stream.id}, ${split.length} shards`;
    },
  },
];
