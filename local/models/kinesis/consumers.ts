import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import type { Consumer } from "./kinesis-api.ts";
import { Lifecycle } from "./lifecycle.ts";

/** Of an on-demand standard or provisioned stream; on-demand advantage has 50, and is not modelled. */
const MOST_CONSUMERS = 20;
const MOST_CREATING = 5;

type Registered = {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: EpochMs;
  readonly lifecycle: Lifecycle;
};

export type SavedConsumer = Omit<Registered, "lifecycle"> & {
  readonly lifecycle: ReturnType<Lifecycle["save"]>;
};

/** The registered consumers (readers with enhanced fan-out) of one stream. */
export class Consumers {
  readonly #streamArn: string;
  readonly #byName = new Map<string, Registered>();

  constructor(streamArn: string) {
    this.#streamArn = streamArn;
  }

  /** Throws ResourceInUseException for a name that is taken, LimitExceededException for the 21st. */
  register(name: string, now: EpochMs, creatingUntil: EpochMs): Consumer {
    const all = this.list(now);
    if (all.some(({ ConsumerName }) => ConsumerName === name))
      throw new ServiceError(
        "ResourceInUseException",
        `Consumer ${name} of ${this.#streamArn} already exists.`,
      );
    const creating = all.filter(({ ConsumerStatus }) => ConsumerStatus === "CREATING");
    if (all.length >= MOST_CONSUMERS || creating.length >= MOST_CREATING)
      throw new ServiceError(
        "LimitExceededException",
        `${this.#streamArn} has ${all.length} consumers, of which ${creating.length} are being created.`,
      );
    const consumer = {
      name,
      arn: `${this.#streamArn}/consumer/${name}:${Math.floor(now / 1_000)}`,
      createdAt: now,
      lifecycle: new Lifecycle("CREATING", creatingUntil),
    };
    this.#byName.set(name, consumer);
    return { ...describe(consumer, now), ConsumerStatus: "CREATING" };
  }

  /** By name, by ARN, or by both where they agree. */
  get(name: string | undefined, arn: string | undefined, now: EpochMs): Consumer {
    const found = this.list(now).find(
      (consumer) =>
        (name === undefined || consumer.ConsumerName === name) &&
        (arn === undefined || consumer.ConsumerARN === arn),
    );
    if (found === undefined)
      throw new ServiceError(
        "ResourceNotFoundException",
        `Consumer ${arn ?? name} of ${this.#streamArn} not found.`,
      );
    return found;
  }

  deregister(name: string, until: EpochMs): void {
    this.#byName.get(name)?.lifecycle.enter("DELETING", until);
  }

  /** What to make the same ones of. */
  save(): readonly SavedConsumer[] {
    return [...this.#byName.values()].map(({ lifecycle, ...consumer }) => ({
      ...consumer,
      lifecycle: lifecycle.save(),
    }));
  }

  restore(saved: readonly SavedConsumer[]): void {
    for (const { lifecycle, ...consumer } of saved)
      this.#byName.set(consumer.name, { ...consumer, lifecycle: new Lifecycle(...lifecycle) });
  }

  /** In the order of their names. */
  list(now: EpochMs): Consumer[] {
    for (const { name, lifecycle } of this.#byName.values())
      if (lifecycle.at(now) === undefined) this.#byName.delete(name);
    return [...this.#byName.values()]
      .map((consumer) => describe(consumer, now))
      .sort((a, b) => (a.ConsumerName < b.ConsumerName ? -1 : 1));
  }
}

function describe({ name, arn, createdAt, lifecycle }: Registered, now: EpochMs): Consumer {
  const status = lifecycle.at(now);
  return {
    ConsumerName: name,
    ConsumerARN: arn,
    ConsumerStatus: status === "CREATING" || status === "DELETING" ? status : "ACTIVE",
    ConsumerCreationTimestamp: createdAt,
  };
}
