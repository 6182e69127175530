import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import type { DescribeLimitsOutput } from "./kinesis-api.ts";
import type { Streams } from "./streams.ts";

const MOST_CREATING = 5;
const MOST_ON_DEMAND = 50;

/** What an account may have of streams and shards; each check throws LimitExceededException. */
export class AccountLimits {
  readonly #streams: Streams;
  readonly #mostShards: number;

  constructor(streams: Streams, mostShards: number) {
    this.#streams = streams;
    this.#mostShards = mostShards;
  }

  describe(): DescribeLimitsOutput {
    return {
      ShardLimit: this.#mostShards,
      OpenShardCount: this.#openShards(),
      OnDemandStreamCount: this.#onDemand(),
      OnDemandStreamCountLimit: MOST_ON_DEMAND,
    };
  }

  /** Before so many shards more are opened. */
  checkShards(additional: number): void {
    const open = this.#openShards();
    if (additional > 0 && open + additional > this.#mostShards)
      throw exceeded(`${additional} shards more than the ${open} open ones are above ${this.#mostShards}.`);
  }

  /** Before another stream is created. */
  checkCreating(now: EpochMs): void {
    const creating = this.#streams.all().filter(({ lifecycle }) => lifecycle.at(now) === "CREATING");
    if (creating.length >= MOST_CREATING)
      throw exceeded(`${creating.length} streams are being created already.`);
  }

  /** Before another stream is on demand. */
  checkOnDemand(): void {
    if (this.#onDemand() >= MOST_ON_DEMAND)
      throw exceeded(`${MOST_ON_DEMAND} streams are in ON_DEMAND mode already.`);
  }

  #openShards(): number {
    return this.#streams.all().reduce((sum, { open }) => sum + open.length, 0);
  }

  #onDemand(): number {
    return this.#streams.all().filter(({ mode }) => mode === "ON_DEMAND").length;
  }
}

const exceeded = (why: string): ServiceError => new ServiceError("LimitExceededException", why);
