import type { StateSizes } from "../../../shared/protocol/environment.ts";
import { Random } from "../random.ts";
import type { Fault } from "./fault.ts";
import { FAULTS } from "./faults.ts";

/** How a run is set up. It follows from the seed alone, so that a schedule of faults replays in the same world. */
export type Setting = {
  /** Records in a batch, at most. */
  readonly batch: number;
  /** Environments of a stage that are awake, at most. */
  readonly environments: number;
  /** Steps between two requests of a producer, on average. */
  readonly pace: number;
  /** Steps after the last request in which things may still go wrong. */
  readonly lastSteps: number;
  /** Entries between two snapshots of a partition. */
  readonly snapshotEntries: number;
  /** Larger bodies of entries are objects beside the log. */
  readonly inlineBytes: number;
  /** How state is cut into pages, and how many of them stay in memory. */
  readonly state: StateSizes;
};

/** What may go wrong in a run: faults, and how often compared with what is usual for them. */
export type Weather = ReadonlyMap<Fault, number>;

const SETTING_SALT = 1;
const WEATHER_SALT = 2;

export function settingOf(seed: number): Setting {
  const random = Random.at(seed, 0, SETTING_SALT);
  return {
    batch: random.oneOf(1, 3, 8, 30),
    environments: random.oneOf(1, 2, 3),
    pace: random.oneOf(3, 10, 30),
    lastSteps: random.below(300),
    snapshotEntries: random.oneOf(2, 7, 1_000),
    inlineBytes: random.oneOf(500, 8_192),
    state: {
      pageChars: random.oneOf(1, 200, 2_000),
      eagerBytes: random.oneOf(0, 0, 0, 1_000_000),
      residentChars: random.oneOf(0, 500, 1_000_000),
    },
  };
}

/** The named faults, more often than is usual. */
export const weatherOf = (faults: readonly Fault[]): Weather => new Map(faults.map((fault) => [fault, 4]));

/** Some faults at some strength: many are found only where others do not hide them. */
export function anyWeather(seed: number): Weather {
  const random = Random.at(seed, 0, WEATHER_SALT);
  const strength = random.oneOf(0.3, 1, 3);
  const share = random.oneOf(0.2, 0.5, 0.8);
  return new Map([...FAULTS.values()].flatMap((fault) => (random.chance(share) ? [[fault, strength]] : [])));
}
