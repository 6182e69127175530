import type { Key } from "../events/event.ts";
import { compareKeys } from "../state/key-order.ts";
import type { EpochMs } from "../time/time.ts";
import type { Host } from "./host.ts";

/** Which keys of an operator wait for which time, of the watermark or of another clock. Not part of state: made again from it. */
export class KeyTimers {
  readonly #host: Pick<Host, "node" | "timers">;
  /** Most times have one key, and a set of its own would be the largest part of a session. */
  readonly #due = new Map<EpochMs, Key | Set<Key>>();

  constructor(host: Pick<Host, "node" | "timers">) {
    this.#host = host;
  }

  arm(at: EpochMs, key: Key): void {
    const keys = this.#due.get(at);
    if (keys !== undefined) {
      if (typeof keys === "object") keys.add(key);
      else if (keys !== key) this.#due.set(at, new Set([keys, key]));
      return;
    }
    this.#due.set(at, key);
    this.#host.timers.arm(this.#host.node, at);
  }

  /** The keys that wait for `at`, in the order of keys. */
  take(at: EpochMs): readonly Key[] {
    const keys = this.#due.get(at);
    this.#due.delete(at);
    if (keys === undefined) return [];
    return typeof keys === "object" ? [...keys].sort(compareKeys) : [keys];
  }

  /** The keys that wait for `at`, and go on waiting. */
  waiting(at: EpochMs): readonly Key[] {
    const keys = this.#due.get(at);
    if (keys === undefined) return [];
    return typeof keys === "object" ? [...keys] : [keys];
  }

  clear(): void {
    this.#due.clear();
  }
}
