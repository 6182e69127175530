import type { Key } from "../../events/event.ts";
import type { EpochMs } from "../../time/time.ts";
import type { Host } from "../host.ts";
import { KeyTimers } from "../key-timers.ts";
import type { StateSpec, TimeDomain } from "./spec.ts";

/** What is over is deleted together, this often in a state's time to live, and never more often than `LEAST_STEP_MS`. */
const STEPS = 8;
const LEAST_STEP_MS = 100;

/** When what is over is deleted, of which keys. Not part of state: made again from it. */
export class Sweeps {
  readonly #domains: readonly TimeDomain[];
  readonly #keys: Readonly<Record<TimeDomain, KeyTimers>>;
  readonly #step: number;

  /** @param states - in the order of their numbers, the first of which is 1 */
  constructor(host: Host, states: readonly StateSpec[]) {
    this.#domains = states.map((state) => state.in);
    this.#keys = {
      "event-time": new KeyTimers(host),
      "processing-time": new KeyTimers({ node: host.node, timers: host.processingSweeps }),
    };
    const times = states.flatMap(({ ttl }) => ttl ?? []);
    // where no state has one any more, there may still be what was written when it had
    this.#step =
      times.length === 0 ? LEAST_STEP_MS : Math.max(LEAST_STEP_MS, Math.ceil(Math.min(...times) / STEPS));
  }

  /** By which time what a state holds is over. */
  domainOf(state: number): TimeDomain {
    return this.#domains[state - 1] ?? "event-time";
  }

  /** When something is deleted that is over at `until`. */
  at(until: EpochMs): EpochMs {
    return ((Math.floor(until / this.#step) + 1) * this.#step) as EpochMs;
  }

  arm(until: EpochMs, key: Key, state: number): void {
    this.#keys[this.domainOf(state)].arm(this.at(until), key);
  }

  /** The keys of which something is to be deleted at `time`, in the order of keys. */
  take(domain: TimeDomain, time: EpochMs): readonly Key[] {
    return this.#keys[domain].take(time);
  }

  /** Whether a cell is to be deleted at `time`. Each goes at its own sweep: one that was set for what is written anew must not take it along. */
  isDue(domain: TimeDomain, time: EpochMs): (until: EpochMs, state: number) => boolean {
    return (until, state) => this.domainOf(state) === domain && this.at(until) <= time;
  }

  clear(): void {
    for (const keys of Object.values(this.#keys)) keys.clear();
  }
}
