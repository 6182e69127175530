import type { Key } from "../events/event.ts";
import { compareKeys } from "../state/key-order.ts";
import type { EpochMs } from "../time/time.ts";
import type { Host } from "./panes.ts";

/** Which keys of an operator wait for which time of the watermark. Not part of state: made again from it. */
export class KeyTimers {
  readonly #host: Pick<Host, "node" | "timers">;
  readonly #due = new Map<EpochMs, Set<Key>>();

  constructor(host: Pick<Host, "node" | "timers">) {
    this.#host = host;
  }

  arm(at: EpochMs, key: Key): void {
    const keys = this.#due.get(at);
    if (keys !== undefined) {
      keys.add(key);
      return;
    }
    this.#due.set(at, new Set([key]));
    this.#host.timers.arm(this.#host.node, at);
  }

  /** The keys that wait for `at`, in the order of keys. */
  take(at: EpochMs): readonly Key[] {
    const keys = [...(this.#due.get(at) ?? [])];
    this.#due.delete(at);
    return keys.sort(compareKeys);
  }

  clear(): void {
    this.#due.clear();
  }
}
