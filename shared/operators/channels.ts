import { BEGINNING_OF_TIME, type EpochMs } from "../time/time.ts";
import type { Stage } from "./stage.ts";
import type { TimeState } from "./time-state.ts";

/** What the partitions before a stage promise: nothing that they send from now on is older. */
export class Channels {
  readonly #watermarks = new Map<string, EpochMs>();
  /** How many there are that promise something. */
  readonly #count: number;
  /** Channels that bring nothing but control rows. */
  readonly #control: ReadonlySet<string>;

  constructor({ input }: Pick<Stage, "input">) {
    const upstreams = input.kind === "internal" ? input.upstreams : [];
    this.#count = upstreams.reduce((n, { partitions, control }) => n + (control ? 0 : partitions), 0);
    this.#control = new Set(
      upstreams.flatMap(({ stage, partitions, control }) =>
        control ? Array.from({ length: partitions }, (_, partition) => `${stage}/${partition}`) : [],
      ),
    );
  }

  /** Notes a promise. Gives the least of all, control aside; undefined where it is none, or one has not promised yet. */
  promised(channel: string, watermark: EpochMs): EpochMs | undefined {
    if (watermark <= (this.#watermarks.get(channel) ?? BEGINNING_OF_TIME)) return undefined;
    if (this.#control.has(channel)) return undefined;
    this.#watermarks.set(channel, watermark);
    if (this.#watermarks.size < this.#count) return undefined;
    return Math.min(...this.#watermarks.values()) as EpochMs;
  }

  /** As they are saved. */
  get all(): TimeState["channels"] {
    return [...this.#watermarks];
  }

  /** Takes up what was saved. */
  takeUp(all: TimeState["channels"]): void {
    this.#watermarks.clear();
    for (const [channel, watermark] of all) this.#watermarks.set(channel, watermark);
  }
}
