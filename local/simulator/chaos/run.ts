import { milliseconds } from "../../../shared/time/time.ts";
import { Random } from "../random.ts";
import type { CallFault, Fault, StepFault } from "./fault.ts";
import { FAULTS } from "./faults.ts";
import type { Waiting } from "./gatehouse.ts";
import { violated } from "./violated.ts";
import type { Weather } from "./weather.ts";
import type { Worker } from "./worker.ts";
import type { World } from "./world.ts";

/** A fault and the step at which it strikes. */
export type Strike = { readonly step: number; readonly fault: string };

/** A strike that was made, and to what. */
export type Struck = Strike & { readonly what: string };

/** A call that was let go on: a place where an environment may end. */
export type AwaitPoint = {
  readonly step: number;
  readonly operation: string;
  /** Of a batch call; 1 for all others. */
  readonly entries: number;
  readonly at: "call" | "answer";
};

/** Between two steps, at most. A minute's ticks must be through before the next ones come. */
const STEP_MS = 500;
/** Of the steps in which a call waits: how many let one go on. */
const CALLS = 0.85;

const STEP_SALT = 3;
const CHANCE_SALT = 4;
const STRIKE_SALT = 5;

/** Takes a world further, one thing at a time: which one, and what befalls it, follows from seed and step alone. */
export class Run {
  readonly struck: Struck[] = [];
  readonly points: AwaitPoint[] = [];
  readonly #world: World;
  readonly #seed: number;
  readonly #scheduled = new Map<number, Set<string>>();
  #weather: Weather;
  #draining = false;

  /** @param schedule - strikes that are made whatever the weather */
  constructor(world: World, seed: number, weather: Weather, schedule: readonly Strike[]) {
    this.#world = world;
    this.#seed = seed;
    this.#weather = weather;
    for (const { step, fault } of schedule)
      this.#scheduled.set(step, (this.#scheduled.get(step) ?? new Set()).add(fault));
  }

  /** Does one thing, anything. */
  async step(): Promise<void> {
    const world = this.#world;
    world.trace.steps += 1;
    const random = Random.at(this.#seed, world.trace.steps, STEP_SALT);
    const chance = Random.at(this.#seed, world.trace.steps, CHANCE_SALT);
    if (!this.#draining) await world.wait(milliseconds(random.below(STEP_MS)));
    for (const fault of this.#striking("step", chance)) await this.#between(fault as StepFault);
    const { calls } = world;
    const call = random.chance(CALLS) ? random.pick(calls) : undefined;
    if (call !== undefined) await this.#goOn(call, chance);
    else if (!(await this.#deliver(random)) && calls.length > 0)
      await this.#goOn(random.pick(calls) as Waiting<Worker>, chance);
  }

  /**
   * Nothing goes wrong any more by chance, and time stands still; ends once every record was taken.
   * @throws MillraceError `INVARIANT_VIOLATED` where that takes too long for the number of records
   */
  async drain(): Promise<void> {
    const world = this.#world;
    this.#weather = new Map();
    this.#draining = true;
    await world.calm();
    for (let steps = 0; !world.quiet; steps += 1) {
      if (steps > mostSteps(world))
        throw violated(`${behind(world)} after ${steps} steps in which nothing went wrong`);
      if (world.calls.length === 0 && world.mappings.every(({ caughtUp }) => caughtUp)) world.wake();
      await this.step();
    }
  }

  /** Faults that strike now, if they can: by the schedule, or by chance. */
  #striking(at: Fault["at"], chance: Random): Fault[] {
    const scheduled = this.#scheduled.get(this.#world.trace.steps);
    const faults: Fault[] = [];
    for (const name of scheduled ?? []) {
      const fault = FAULTS.get(name);
      if (fault?.at === at) faults.push(fault);
    }
    for (const [fault, strength] of this.#weather)
      if (fault.at === at && chance.chance(fault.rate * strength)) faults.push(fault);
    return faults;
  }

  async #between(fault: StepFault): Promise<void> {
    const what = await fault.strike(this.#world, this.#choices(fault));
    if (what !== undefined) this.#note(fault, what);
  }

  /** Lets a call go on, unless something stops it. */
  async #goOn(call: Waiting<Worker>, chance: Random): Promise<void> {
    const world = this.#world;
    const at = call.done ? "answer" : "call";
    this.points.push({ step: world.trace.steps, operation: call.operation, entries: call.entries, at });
    if (world.race(call)) return;
    const fault = this.#striking(at, chance).find(
      (each): each is CallFault => each.at !== "step" && each.can(call),
    );
    if (fault === undefined) {
      await world.release(call);
      return;
    }
    this.#note(fault, `${call.owner.name} at ${call.operation}`);
    const failure = fault.strike(world, call, this.#choices(fault));
    if (failure !== "stopped") await world.release(call, failure);
  }

  /** Gives a batch to somebody; false where there is none, or nobody. */
  async #deliver(random: Random): Promise<boolean> {
    const world = this.#world;
    const ready = world.mappings.flatMap((mapping) => mapping.ready.map((shard) => ({ mapping, shard })));
    const chosen = random.pick(ready);
    if (chosen === undefined) return false;
    const { mapping, shard } = chosen;
    const worker = world.idle(mapping, random);
    if (worker === undefined) return false;
    await world.deliver(mapping, mapping.lease(shard, 1 + random.below(mapping.batch)), worker);
    return true;
  }

  #choices({ name }: Fault): Random {
    return Random.at(this.#seed, this.#world.trace.steps, STRIKE_SALT + name.length + name.charCodeAt(0));
  }

  #note(fault: Fault, what: string): void {
    this.struck.push({ step: this.#world.trace.steps, fault: fault.name, what });
    this.#world.trace.add(fault.name);
  }
}

/** Steps that a drain may take: so many for each record that is or comes into the streams, and some to begin with. */
const STEPS_PER_RECORD = 60;
const STEPS_AT_LEAST = 500;

function mostSteps(world: World): number {
  const records = world.mappings.reduce(
    (n, { shards }) => n + shards.reduce((m, shard) => m + shard.records.length, 0),
    0,
  );
  return STEPS_AT_LEAST + STEPS_PER_RECORD * records;
}

function behind({ mappings }: World): string {
  const late = mappings.filter(({ caughtUp }) => !caughtUp);
  if (late.length === 0) return "calls are still on their way";
  return late.map(({ stage, behind: n }) => `stage "${stage.id}" has not taken ${n} records`).join(", ");
}
