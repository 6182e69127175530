import type { Clock } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import type { ServiceFaults } from "../models/faults.ts";
import type { EventSource } from "../sources/event-source.ts";
import type { KinesisCheckpoint } from "../sources/kinesis-checkpoint.ts";
import { KinesisSource } from "../sources/kinesis-source.ts";
import type { Progress } from "../sources/progress.ts";
import { ScheduleSource } from "../sources/schedule-source.ts";
import type { Stack } from "../template/cloud-assembly.ts";
import { type KeptNames, PhysicalNames } from "../template/physical-names.ts";
import { adopting, type KeptServices } from "./adoption.ts";
import { keptPart } from "./kept-part.ts";
import { Persistence, type PersistenceOptions, type PersistentModels } from "./persistence.ts";

/** How often it is looked how far sources are. A process that is killed delivers again what came after. */
const LOOK_EVERY_MS = 200;
const DEPLOYED = "deployed";
const MAPPING = "mapping ";
const SCHEDULE = "schedule ";

type Deployed = { readonly stacks: readonly Omit<Stack, "assetFolders">[]; readonly names: KeptNames };

/** A cloud's data over the end of its process: its models, what is deployed, and how far its sources are. */
export class KeptCloud {
  readonly #persistence: Persistence;
  /** What it said of each source last, so that only changes are noted. */
  readonly #noted = new Map<string, string>();
  #isStarting = true;
  #timer: NodeJS.Timeout | undefined;

  /** @throws MillraceError PERSIST_FOLDER */
  constructor(options: PersistenceOptions) {
    this.#persistence = new Persistence(options);
  }

  get clock(): Clock {
    return this.#persistence.clock;
  }

  faults(inner: ServiceFaults): ServiceFaults {
    return this.#persistence.faults(inner);
  }

  /**
   * Fills the models with what there was.
   * @throws MillraceError PERSIST_DAMAGED
   */
  restore(models: PersistentModels): void {
    this.#persistence.restore(models);
  }

  /** What was deployed last, as far as it holds data. */
  get stacks(): readonly Stack[] {
    return (this.#deployed()?.stacks ?? []).map((stack) => ({ ...stack, assetFolders: new Map() }));
  }

  names(): PhysicalNames {
    return new PhysicalNames(this.#deployed()?.names);
  }

  /** The services to deploy into: until `started`, what there is already is found and not made again. */
  services<S extends KeptServices>(services: S): S & { readonly progress: Progress } {
    const { marks } = this.#persistence;
    return {
      ...adopting(services, () => this.#isStarting),
      progress: {
        checkpointOf: (id) => marks.get(`${MAPPING}${id}`) as KinesisCheckpoint | undefined,
        lastTickOf: (id) => marks.get(`${SCHEDULE}${id}`) as EpochMs | undefined,
      },
    };
  }

  /** Everything is deployed: from now on it is noted how far the sources are. */
  started(sources: readonly EventSource[]): void {
    this.#isStarting = false;
    this.#timer = setInterval(() => this.#noteIfKept(sources), LOOK_EVERY_MS);
  }

  /** Notes what was deployed: the next process begins with what of it holds data, and changes it from there. */
  deployed(stacks: readonly Stack[], names: KeptNames): void {
    this.#persistence.marks.set(DEPLOYED, { stacks: stacks.map(keptPart), names } satisfies Deployed);
  }

  /** Notes how far the sources are, and forgets those that are gone. */
  noteProgress(sources: readonly EventSource[]): void {
    const now = new Map<string, unknown>();
    for (const source of sources) {
      if (source instanceof KinesisSource) now.set(`${MAPPING}${source.id}`, source.checkpoint());
      if (source instanceof ScheduleSource && source.lastTick !== undefined)
        now.set(`${SCHEDULE}${source.id}`, source.lastTick);
    }
    const { marks } = this.#persistence;
    for (const [name, value] of now) {
      const text = JSON.stringify(value instanceof Map ? [...value] : value);
      if (this.#noted.get(name) === text) continue;
      this.#noted.set(name, text);
      marks.set(name, value);
    }
    for (const name of marks.names())
      if ((name.startsWith(MAPPING) || name.startsWith(SCHEDULE)) && !now.has(name)) {
        this.#noted.delete(name);
        marks.delete(name);
      }
  }

  /** @param sources - those that have just been closed */
  async close(sources: readonly EventSource[]): Promise<void> {
    clearInterval(this.#timer);
    if (this.#timer !== undefined) this.#noteIfKept(sources);
    await this.#persistence.close();
  }

  /** A folder that takes nothing any more was told of when that began. */
  #noteIfKept(sources: readonly EventSource[]): void {
    if (!this.#persistence.hasFailed) this.noteProgress(sources);
  }

  #deployed(): Deployed | undefined {
    return this.#persistence.marks.get(DEPLOYED) as Deployed | undefined;
  }
}
