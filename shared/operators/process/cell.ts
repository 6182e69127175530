import type { Key } from "../../events/event.ts";
import { END_OF_TIME, type EpochMs } from "../../time/time.ts";
import { cloneData } from "../custom.ts";

/** One piece of state. What is written anew is another cell. */
export class Cell {
  /** Under which it stands in its state. */
  readonly name: Key;
  readonly value: unknown;
  /** When it is over; undefined where it stays. */
  readonly until: EpochMs | undefined;
  /** Of the code that wrote it. */
  readonly version: number;
  /** The batch that wrote it, or 0. */
  readonly batch: number;
  /** Whether nothing in the value has parts of its own; undefined until it is first read. */
  #flat: boolean | undefined;

  constructor(name: Key, value: unknown, until: EpochMs | undefined, version: number, batch: number) {
    // no -0, as in a map's names
    this.name = name === 0 ? 0 : name;
    this.value = value;
    this.until = until;
    this.version = version;
    this.batch = batch;
    this.#flat = undefined;
  }

  /** Whether it is over at a watermark or processing time. Once the input has ended, everything is. */
  isOver(now: EpochMs): boolean {
    return (this.until ?? END_OF_TIME) <= now;
  }

  /** The value for a reader who may change it. Most are flat, and need be looked through only once. */
  copy(): unknown {
    const { value } = this;
    if (typeof value !== "object" || value === null) return value;
    this.#flat ??= isFlat(value);
    return this.#flat ? { ...value } : cloneData(value);
  }
}

function isFlat(value: object): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const name in value) {
    const part: unknown = value[name as keyof typeof value];
    if (typeof part === "object" && part !== null) return false;
  }
  return true;
}
