import { hours, milliseconds, minutes } from "../../../../shared/time/time.ts";
import type { StepFault } from "../fault.ts";

const MOST_SKEW = minutes(5);

/** What befalls clocks, ticks and what the log forgets with time. */
export const TIME_FAULTS: readonly StepFault[] = [
  {
    name: "clock-skew",
    says: "the clock of an environment, or of what sends ticks, goes wrong by up to 5 minutes either way",
    at: "step",
    rate: 0.01,
    strike(world, random) {
      const skew = milliseconds(random.below(2 * MOST_SKEW + 1) - MOST_SKEW);
      const worker = random.chance(0.3) ? undefined : random.pick(world.workers);
      if (worker === undefined) world.tickSkew = skew;
      else worker.skew = skew;
      world.count("clock-skew");
      return `${worker?.name ?? "ticks"} ${skew} ms`;
    },
  },
  {
    name: "extra-tick",
    says: "a partition gets a tick that it does not need",
    at: "step",
    rate: 0.01,
    async strike(world, random) {
      const stream = random.pick(world.streams);
      if (stream === undefined) return undefined;
      const partition = random.below(stream.partitions);
      await world.control("tick", stream, partition);
      world.count("extra-tick");
      return `${stream.id}/${partition}`;
    },
  },
  {
    name: "late-tick",
    says: "a tick arrives up to 5 minutes after it was sent, behind later ones",
    at: "step",
    rate: 0.01,
    async strike(world, random) {
      const stream = random.pick(world.streams);
      if (stream === undefined) return undefined;
      const partition = random.below(stream.partitions);
      const late = milliseconds(1_000 + random.below(MOST_SKEW));
      await world.control("tick", stream, partition, late);
      world.count("late-tick");
      return `${stream.id}/${partition}, ${late} ms`;
    },
  },
  {
    name: "lost-tick",
    says: "a minute passes whose ticks are lost",
    at: "step",
    rate: 0.005,
    strike(world) {
      world.loseTicks();
      world.count("lost-tick");
      return "a minute of them";
    },
  },
  {
    name: "night",
    says: "25 hours pass that no batch outlives; warm environments do, and what the log holds from before may go",
    at: "step",
    rate: 0.003,
    strike(world) {
      world.pass(hours(25));
      world.count("night");
      return "25 hours";
    },
  },
  {
    name: "truncation-race",
    says: "an environment stops while it reads the log, old entries are deleted, and it goes on",
    at: "step",
    rate: 0.008,
    strike(world) {
      if (world.raceArmed) return undefined;
      world.pass(hours(25));
      for (const worker of [...world.workers]) world.crash(worker);
      world.raceArmed = true;
      return "the next reader that starts cold";
    },
  },
];
