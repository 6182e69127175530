import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import type { FailedEvent } from "../../shared/events/event.ts";
import type { Application } from "../../shared/pipeline/application.ts";
import { type Planned, planApplication } from "../../shared/plan/planner.ts";
import type { Piece } from "../../shared/protocol/record.ts";
import { epochMs } from "../../shared/time/time.ts";
import { differences } from "../reference/differences.ts";
import { interpret } from "../reference/interpret.ts";
import { withoutDefinition } from "../reference/known.ts";
import { CHEAP } from "./chaos/cheap.ts";
import { faultNamed } from "./chaos/faults.ts";
import { historyOf } from "./chaos/judge/history.ts";
import { isPlanted } from "./chaos/judge/input.ts";
import { brokenInvariants, orderOf } from "./chaos/judge/judge.ts";
import { leaksIn } from "./chaos/judge/leaks.ts";
import type { Fresh, Order } from "./chaos/judge/replay.ts";
import { type AwaitPoint, Run, type Strike, type Struck } from "./chaos/run.ts";
import { Trace } from "./chaos/trace.ts";
import { violated } from "./chaos/violated.ts";
import { anyWeather, settingOf, weatherOf } from "./chaos/weather.ts";
import { World } from "./chaos/world.ts";
import { simulatedEnvironment } from "./environment.ts";
import { openGate } from "./gate.ts";
import { Intake } from "./intake.ts";
import type { LookupContent } from "./lookup-rows.ts";
import { Random } from "./random.ts";
import { failedEvents, lakeRows, stageCounts, viewRows } from "./read-back.ts";
import { createServices } from "./services.ts";
import { VirtualClock } from "./virtual-clock.ts";

export type { AwaitPoint, Strike, Struck } from "./chaos/run.ts";

/** What a producer sends in one request. */
export type Request = { readonly stream: string; readonly events: readonly unknown[] };

/** What a run was given and what it left behind. */
export type Outcome = {
  readonly requests: readonly Request[];
  readonly view: (name: string) => readonly unknown[];
  readonly lake: (name: string) => readonly unknown[];
  /** The application's own: records that were planted and that nobody can read are not among them. */
  readonly failed: () => readonly FailedEvent[];
  readonly counts: () => ReturnType<typeof stageCounts>;
  /** What each partition of a stage took, in the order in which it was committed: an input that no fault touches. */
  readonly taken: (stage: string) => readonly (readonly Piece[])[];
};

/** Judges a run: a sentence for each thing that is wrong. */
export type Check = (outcome: Outcome) => readonly string[] | Promise<readonly string[]>;

export type ChaosScenario = {
  readonly app: Application;
  /**
   * The version before of the application, which runs until a moment that the seed chooses; some environments of it
   * live on. It gives the same rows and keeps state of lower versions, in the same stages. @default none
   */
  readonly older?: Application;
  /** Makes the input of a run. Its events must all fit their schemas. */
  readonly input: (random: Random) => readonly Request[];
  /**
   * The rows of tables that are looked up, by name: what each has to begin with, and what it has instead, one after the
   * other, while the requests are sent. @default no rows
   */
  readonly lookups?: (random: Random) => Readonly<Record<string, readonly LookupContent[]>>;
  /** What must hold beside what holds for every application. @default nothing */
  readonly check?: Check;
};

export type ChaosOptions = {
  /** The names of the faults that may strike, more often than they do by default. @default some, chosen by the seed */
  readonly faults?: readonly string[];
  /** Exactly what goes wrong, and when. @default what the seed and the faults choose */
  readonly schedule?: readonly Strike[];
  /** The requests that are sent, by their index. @default all */
  readonly requests?: readonly number[];
  /** Is told of each thing that happens. */
  readonly trace?: (line: string) => void;
};

export type ChaosReport = {
  readonly seed: number;
  readonly steps: number;
  /** Two runs with the same trace did the same in the same order. */
  readonly trace: string;
  /** By fault: how often it had its effect. */
  readonly injected: Readonly<Record<string, number>>;
};

/** A run and what is wrong with it. */
export type Trial = ChaosReport & {
  /** A sentence each. Empty where all holds. */
  readonly broken: readonly string[];
  readonly cause?: unknown;
  readonly struck: readonly Struck[];
  /** Every place where a call was let go on. */
  readonly points: readonly AwaitPoint[];
  readonly requests: number;
};

/**
 * Runs an application through trouble that a seed chooses: environments crash, sleep and wake between any two steps,
 * answers are lost, calls throttled, batches cut, repeated and given to two environments, shards split and merged,
 * and more (`npx millrace chaos --list`). Then the trouble ends, and all input must get through.
 * @throws MillraceError `INVARIANT_VIOLATED` with the seed, where anything does not hold; `CHAOS_FAULT`
 */
export async function chaos(
  seed: number,
  scenario: ChaosScenario,
  options: ChaosOptions = {},
): Promise<ChaosReport> {
  const { steps, trace, injected, broken, cause } = await trial(seed, scenario, options);
  if (broken.length > 0)
    throw violated(`seed ${seed}, ${steps} steps, trace ${trace}: ${broken.slice(0, 5).join("; ")}`, cause);
  return { seed, steps, trace, injected };
}

/** The same, told and not thrown. @throws MillraceError `CHAOS_FAULT` */
export async function trial(
  seed: number,
  { app, older, input, check, lookups }: ChaosScenario,
  { faults, schedule, requests: only, trace: listen }: ChaosOptions = {},
): Promise<Trial> {
  const planned = planApplication(app);
  const trace = new Trace(listen);
  const before = older === undefined ? undefined : planApplication(older).stages;
  const world = new World(planned, settingOf(seed), CHEAP, trace, before);
  const weather =
    schedule !== undefined
      ? new Map()
      : faults === undefined
        ? anyWeather(seed)
        : weatherOf(faults.map(faultNamed));
  for (const { fault } of schedule ?? []) faultNamed(fault);
  const run = new Run(world, seed, weather, schedule ?? []);
  const all = input(new Random(seed));
  const requests = all.filter((_, i) => only === undefined || only.includes(i));
  let broken: readonly string[];
  let cause: unknown;
  try {
    const contents = lookups?.(Random.at(seed, 0, LOOKUP_SALT)) ?? {};
    await disturbed(run, world, seed, all, new Set(requests), app, contents);
    await run.drain();
    await world.end();
    await run.drain();
    const order = await orderOf(world);
    const outcome = outcomeOf(world, order, requests);
    const found = { ...outcome, failed: () => failedEvents(world.services) };
    broken = [
      ...(await brokenInvariants(world, order, () => fresh(planned))),
      // where it has no definition of an operator the other judges remain
      ...(withoutDefinition(planned).length > 0
        ? []
        : differences(planned, found, interpret(planned, historyOf(order), "usual"))),
      ...((await check?.(outcome)) ?? []),
      ...(await leaksIn(world)),
    ];
  } catch (thrown) {
    cause = thrown;
    broken = [
      thrown instanceof MillraceError && thrown.code === "INVARIANT_VIOLATED"
        ? thrown.message
        : messageOf(thrown),
    ];
  }
  const { steps, hash, injected } = trace;
  const { struck, points } = run;
  return { seed, steps, trace: hash, injected, broken, cause, struck, points, requests: all.length };
}

const PACE_SALT = 6;
const LOOKUP_SALT = 7;
const DEPLOY_SALT = 8;

/** Sends all requests, each at a step that the seed chooses, whichever of them are left out. */
async function disturbed(
  run: Run,
  world: World,
  seed: number,
  all: readonly Request[],
  sent: ReadonlySet<Request>,
  app: Application,
  lookups: Readonly<Record<string, readonly LookupContent[]>>,
): Promise<void> {
  const random = Random.at(seed, 0, PACE_SALT);
  const { pace, lastSteps } = settingOf(seed);
  // two versions are to meet, and not only to drain what was sent
  const patience = world.isUpgraded ? 6 : 1;
  const deployedAt = Random.at(seed, 0, DEPLOY_SALT).below(all.length + 1);
  const intakes = new Map(app.streams.map((stream) => [stream.id, new Intake(stream, CHEAP)]));
  for (const [i, request] of all.entries()) {
    for (const table of world.planned.plan.lookups ?? []) {
      const contents = lookups[table.name] ?? [[]];
      const nth = Math.floor((i * contents.length) / all.length);
      if (i === 0 || nth > Math.floor(((i - 1) * contents.length) / all.length))
        world.writeLookup(table, contents[nth] ?? []);
    }
    const taken = await intakes.get(request.stream)?.take(request.events, world.now);
    if (sent.has(request)) await world.send(request.stream, taken?.records ?? []);
    if (i === deployedAt) world.deploy();
    for (let steps = random.below(2 * pace) * patience; steps > 0; steps -= 1) await run.step();
  }
  for (let steps = lastSteps; steps > 0; steps -= 1) await run.step();
}

export function outcomeOf({ services }: World, order: Order, requests: readonly Request[]): Outcome {
  return {
    requests,
    view: (name) => viewRows(services, name),
    lake: (name) => lakeRows(services, name),
    failed: () => failedEvents(services).filter((event) => !isPlanted(event)),
    counts: () => stageCounts(services),
    taken: (id) =>
      [...order].flatMap(([stage, partitions]) =>
        stage.id === id ? partitions.map((entries) => entries.flatMap(({ pieces }) => pieces)) : [],
      ),
  };
}

function fresh(planned: Planned): Fresh {
  const clock = new VirtualClock(epochMs(0));
  const services = createServices(planned.plan, clock);
  let nonces = 0;
  const env = simulatedEnvironment({
    services,
    gate: openGate,
    clock,
    compression: CHEAP,
    nonce: () => `replay-${nonces++}`,
    codeVersion: "usual",
  });
  return { services, env };
}
