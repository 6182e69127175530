import type { Clock } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";

/** A call that was refused for want of a right, as often as it was made. */
export type Refusal = {
  /** The session of a role, the name of a service, or `anonymous`. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** What the caller was told. */
  readonly message: string;
  readonly times: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
};

type Refused = Pick<Refusal, "principal" | "action" | "resource" | "message">;

/** So many different ones are kept; then the one that was not seen for longest goes. */
const KEPT = 1_000;

/** What was refused: the first thing that one wants to see where something does not work. */
export class Refusals {
  readonly #clock: Clock;
  readonly #byWhat = new Map<string, Refusal>();
  #total = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add({ principal, action, resource, message }: Refused): Refusal {
    this.#total += 1;
    const now = this.#clock.now();
    const id = `${principal} ${action} ${resource}`;
    const { times, firstAt } = this.#byWhat.get(id) ?? { times: 0, firstAt: now };
    const refusal = { principal, action, resource, message, times: times + 1, firstAt, lastAt: now };
    this.#byWhat.delete(id);
    this.#byWhat.set(id, refusal);
    const [oldest] = this.#byWhat.size > KEPT ? this.#byWhat.keys() : [];
    if (oldest !== undefined) this.#byWhat.delete(oldest);
    return refusal;
  }

  /** One for each principal, action and resource; that of the newest call last. */
  list(): readonly Refusal[] {
    return [...this.#byWhat.values()];
  }

  /** Calls that were refused, those that are no longer listed included. */
  get total(): number {
    return this.#total;
  }
}
