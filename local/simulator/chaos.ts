import { messageOf } from "../../shared/errors/millrace-error.ts";
import type { Compression } from "../../shared/frames/compression.ts";
import type { Application } from "../../shared/pipeline/application.ts";
import { type Planned, planApplication } from "../../shared/plan/planner.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import { epochMs } from "../../shared/time/time.ts";
import { differences } from "../reference/differences.ts";
import { interpret } from "../reference/interpret.ts";
import { historyOf } from "./chaos/history.ts";
import { brokenInvariants } from "./chaos/invariants.ts";
import { differencesInReplay } from "./chaos/replay.ts";
import { weatherOf } from "./chaos/weather.ts";
import { violated, World } from "./chaos/world.ts";
import { simulatedEnvironment } from "./environment.ts";
import { openGate } from "./gate.ts";
import { Intake } from "./intake.ts";
import { Random } from "./random.ts";
import { failedEvents, lakeRows, stageCounts, viewRows } from "./read-back.ts";
import { createServices } from "./services.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What a producer sends in one request. */
export type Request = { readonly stream: string; readonly events: readonly unknown[] };

/** What a run was given and what it left behind. */
export type Outcome = {
  readonly requests: readonly Request[];
  readonly view: (name: string) => readonly unknown[];
  readonly lake: (name: string) => readonly unknown[];
  readonly failed: () => ReturnType<typeof failedEvents>;
  readonly counts: () => ReturnType<typeof stageCounts>;
};

export type ChaosScenario = {
  readonly app: Application;
  /** Makes the input of a run. Its events must all fit their schemas. */
  readonly input: (random: Random) => readonly Request[];
  /** Judges a run: a sentence for each thing that is wrong. */
  readonly check: (outcome: Outcome) => readonly string[];
};

export type ChaosReport = {
  readonly seed: number;
  readonly steps: number;
  /** Two runs with the same trace did the same in the same order. */
  readonly trace: string;
  readonly mishaps: Readonly<Record<string, number>>;
};

/** Steps of all runs are some thousands. A run that takes more than this will not end. */
const MOST_STEPS = 60_000;
/** Steps after the last request in which things still go wrong, at most. */
const LAST_STEPS = 400;

/**
 * Runs an application through trouble that a seed chooses: environments crash, freeze and wake between any two steps,
 * answers are lost, calls throttled, batches cut, repeated and given to two environments, shards split and merged, and
 * children read before their parents. Then the trouble ends, and all input must get through.
 * @throws MillraceError `INVARIANT_VIOLATED` with the seed, where anything does not hold
 */
export async function chaos(seed: number, { app, input, check }: ChaosScenario): Promise<ChaosReport> {
  const random = new Random(seed);
  const planned = planApplication(app);
  const world = new World(planned, random, weatherOf(random), PLAIN);
  const requests = input(random);
  const intakes = new Map(app.streams.map((stream) => [stream.id, new Intake(stream, PLAIN)]));
  try {
    await disturbed(world, requests, intakes, random);
    await world.drain(MOST_STEPS);
    await world.end();
    await world.drain(MOST_STEPS);
    const { services, commits, batches } = world;
    const outcome: Outcome = {
      requests,
      view: (name) => viewRows(services, name),
      lake: (name) => lakeRows(services, name),
      failed: () => failedEvents(services),
      counts: () => stageCounts(services),
    };
    const recorded = { planned, commits: commits.all, batches, compression: PLAIN };
    const broken = [
      ...(await brokenInvariants([...planned.stages.values()], services, world.plain)),
      ...(await differencesInReplay({
        planned,
        env: world.plain,
        fresh: freshEnvironment(planned),
        batches,
      })),
      ...differences(planned, outcome, interpret(planned, await historyOf(recorded), "simulator")),
      ...check(outcome),
    ];
    if (broken.length > 0) throw violated(broken.slice(0, 5).join("; "));
  } catch (cause) {
    const { steps, hash } = world.trace;
    throw violated(`seed ${seed}, ${steps} steps, trace ${hash}: ${messageOf(cause)}`, cause);
  }
  const { steps, hash: trace, mishaps } = world.trace;
  return { seed, steps, trace, mishaps };
}

async function disturbed(
  world: World,
  requests: readonly Request[],
  intakes: ReadonlyMap<string, Intake>,
  random: Random,
): Promise<void> {
  for (const { stream, events } of requests) {
    const taken = await intakes.get(stream)?.take(events, world.now);
    await world.send(stream, taken?.records ?? []);
    while (!random.chance(world.pace)) await world.step();
  }
  for (let steps = random.below(LAST_STEPS); steps > 0; steps -= 1) await world.step();
}

function freshEnvironment(planned: Planned): Environment {
  const clock = new VirtualClock(epochMs(0));
  const services = createServices(planned.plan, clock);
  let nonces = 0;
  return simulatedEnvironment({
    services,
    gate: openGate,
    clock,
    compression: PLAIN,
    nonce: () => `replay-${nonces++}`,
  });
}

/** Bytes are cheap here, and time is not. */
const PLAIN: Compression = { compress: (bytes) => bytes, decompress: (bytes) => bytes };
