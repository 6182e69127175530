import { differences } from "../../local/reference/differences.ts";
import { interpret } from "../../local/reference/interpret.ts";
import { withoutDefinition } from "../../local/reference/known.ts";
import { CHEAP } from "../../local/simulator/chaos/cheap.ts";
import type { Fault } from "../../local/simulator/chaos/fault.ts";
import { historyOf } from "../../local/simulator/chaos/judge/history.ts";
import { orderOf } from "../../local/simulator/chaos/judge/judge.ts";
import { wrongInLogs } from "../../local/simulator/chaos/judge/log.ts";
import { wrongInPanes } from "../../local/simulator/chaos/judge/panes.ts";
import type { Order } from "../../local/simulator/chaos/judge/replay.ts";
import { Run } from "../../local/simulator/chaos/run.ts";
import { Trace } from "../../local/simulator/chaos/trace.ts";
import { anyWeather, settingOf } from "../../local/simulator/chaos/weather.ts";
import { World } from "../../local/simulator/chaos/world.ts";
import { type ChaosScenario, outcomeOf, type Request } from "../../local/simulator/chaos.ts";
import type { Gate } from "../../local/simulator/gate.ts";
import { Intake } from "../../local/simulator/intake.ts";
import { Random } from "../../local/simulator/random.ts";
import { failedEvents } from "../../local/simulator/read-back.ts";
import { FAILED_TABLE, type Services } from "../../local/simulator/services.ts";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import type { Planned } from "../../shared/plan/planner.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import {
  type FailedStore,
  findAbandoned,
  removeAbandoned,
} from "../../shared/protocol/savepoint/abandoned.ts";
import { createSavepoint } from "../../shared/protocol/savepoint/create.ts";
import { endEpoch } from "../../shared/protocol/savepoint/end-epoch.ts";
import type { Savepoint } from "../../shared/protocol/savepoint/manifest.ts";
import { restoreSavepoint } from "../../shared/protocol/savepoint/restore.ts";
import { isOpening } from "../../shared/protocol/savepoint/saved-log.ts";

const SAVEPOINT_SALT = 41;

/** What a run with a restore left behind. */
export type SavepointRun = {
  /** A sentence each. Empty where all holds. */
  readonly broken: readonly string[];
  readonly savepoint: Savepoint | undefined;
  /** Entries that were committed after the savepoint and count no more. */
  readonly abandoned: number;
  /** Frames that were on their way, and were sent again. */
  readonly frames: number;
  /** Rows of views that were taken back. */
  readonly back: number;
  /** Why there was no savepoint, or no certainty: time had jumped by days, and old entries were gone. */
  readonly refused?: string;
};

/** A world in trouble, and somebody who takes savepoints of it while it runs. */
export class Scene {
  readonly planned: Planned;
  readonly world: World;
  readonly run: Run;
  readonly #random: Random;
  /** Steps of others between two calls of whoever takes a savepoint, at most. */
  readonly #between: number;
  readonly #intakes: ReadonlyMap<string, Intake>;
  #before: Promise<unknown> = Promise.resolve();

  /** @param options - faults that never strike, and who is told of each thing that happens */
  constructor(
    seed: number,
    { app }: ChaosScenario,
    random: Random,
    options: { readonly without?: readonly Fault[]; readonly listen?: (line: string) => void } = {},
  ) {
    const { without = [], listen } = options;
    this.planned = planApplication(app);
    this.world = new World(this.planned, settingOf(seed), CHEAP, new Trace(listen));
    const weather = [...anyWeather(seed)].filter(([fault]) => !without.includes(fault));
    this.run = new Run(this.world, seed, new Map(weather), []);
    this.#random = random;
    this.#between = random.oneOf(2, 6, 25);
    this.#intakes = new Map(app.streams.map((stream) => [stream.id, new Intake(stream, CHEAP)]));
  }

  async steps(most: number): Promise<void> {
    for (let left = this.#random.below(most); left > 0; left -= 1) await this.run.step();
  }

  async send(requests: readonly Request[], pace: number): Promise<void> {
    for (const { stream, events } of requests) {
      const taken = await this.#intakes.get(stream)?.take(events, this.world.now);
      await this.world.send(stream, taken?.records ?? []);
      await this.steps(2 * pace);
    }
  }

  /** One call after the other; before each of them others go on. */
  readonly #gate: Gate = (...[, , call]) => {
    const done = this.#before.then(async () => {
      await this.steps(this.#between);
      return call();
    });
    this.#before = done.catch(() => undefined);
    return done;
  };

  outside(): Environment {
    return this.world.outside(this.#gate);
  }
}

/** The failed events' table of the model. */
const failedStoreOf = ({ dynamodb }: Services): FailedStore => ({
  ids: async (pipeline) => {
    const { Items = [] } = dynamodb.query({
      TableName: FAILED_TABLE,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: pipeline } },
    });
    return Items.flatMap(({ sk }) => (sk !== undefined && "S" in sk ? [sk.S] : []));
  },
  remove: async (pipeline, ids) => {
    for (const id of ids)
      dynamodb.deleteItem({ TableName: FAILED_TABLE, Key: { pk: { S: pipeline }, sk: { S: id } } });
  },
});

/**
 * Runs a scenario in trouble, takes a savepoint at a moment that the seed chooses while batches run, lets the old
 * timeline go on for a while, restores in place into the next epoch while environments of the old one sleep and wake,
 * delivers what is left, and judges the timeline that counts as any other run is judged.
 */
export async function restoredRun(
  seed: number,
  scenario: ChaosScenario,
  listen?: (line: string) => void,
): Promise<SavepointRun> {
  const random = Random.at(seed, 0, SAVEPOINT_SALT);
  const scene = new Scene(seed, scenario, random, listen === undefined ? {} : { listen });
  const { world, run, planned } = scene;
  const { pace, lastSteps } = settingOf(seed);
  const requests = scenario.input(new Random(seed));
  const first = random.below(requests.length);
  const second = first + random.below(requests.length - first);
  try {
    await scene.send(requests.slice(0, first), pace);
    const savepoint = await createSavepoint({ planned, env: scene.outside(), id: "one", streams: {} });
    await scene.send(requests.slice(first, second), pace);
    await endEpoch(scene.outside(), [...planned.stages.values()], 0);
    const env = { ...scene.outside(), epoch: 1 };
    const restored = await restoreSavepoint({ savepoint, from: env.blobs, planned, env });
    world.goOn(reachOf(savepoint));
    await scene.send(requests.slice(second), pace);
    for (let left = lastSteps; left > 0; left -= 1) await run.step();
    await run.drain();
    await world.end();
    await run.drain();
    const failed = failedStoreOf(world.services);
    const gone = await findAbandoned(world.plain.blobs, failed, planned, savepoint, 1);
    await removeAbandoned(world.plain.blobs, failed, gone);
    const told = {
      savepoint,
      abandoned: abandonedIn(scene),
      frames: restored.frames,
      back: restored.rows.back,
    };
    if (restored.rows.unknown + restored.rows.entriesGone > 0)
      return { ...told, broken: [], refused: "rows that no log knows" };
    return { ...told, broken: await judged(scene, scenario, requests) };
  } catch (thrown) {
    const none = { savepoint: undefined, abandoned: 0, frames: 0, back: 0 };
    if (thrown instanceof MillraceError && thrown.code === "SAVEPOINT_FRAMES_GONE")
      return { ...none, broken: [], refused: thrown.code };
    return { ...none, broken: [messageOf(thrown)] };
  }
}

const abandonedIn = ({ world, planned }: Scene): number =>
  [...planned.stages.values()]
    .flatMap(({ id, partitions }) =>
      Array.from({ length: partitions }, (_, p) => world.ledger.abandoned(id, p)),
    )
    .reduce((n, entries) => n + entries.length, 0);

export const reachOf =
  ({ stages }: Savepoint) =>
  (stage: string, partition: number): number =>
    stages.find(({ plan }) => plan.id === stage)?.partitions[partition]?.v ?? 0;

async function judged(
  { world, planned }: Scene,
  { check }: ChaosScenario,
  requests: readonly Request[],
): Promise<string[]> {
  const order = withoutOpenings(await orderOf(world));
  const outcome = outcomeOf(world, order, requests);
  const found = { ...outcome, failed: () => failedEvents(world.services) };
  return [
    ...(await wrongInLogs(world)),
    ...wrongInPanes(world),
    ...(withoutDefinition(planned).length > 0
      ? []
      : differences(planned, found, interpret(planned, historyOf(order), "usual"))),
    ...((await check?.(outcome)) ?? []),
  ];
}

/** What opens an epoch takes nothing, and gives again what was given. */
const withoutOpenings = (order: Order): Order =>
  new Map(
    [...order].map(([stage, partitions]) => [
      stage,
      partitions.map((entries) => entries.filter(({ item }) => !isOpening(item))),
    ]),
  );
