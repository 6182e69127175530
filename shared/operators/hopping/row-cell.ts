import type { Key } from "../../events/event.ts";
import type { EpochMs } from "../../time/time.ts";
import type { Accumulator } from "../aggregate.ts";
import type { Cell } from "../cell.ts";
import type { WindowRow } from "./window-row.ts";

/** A window of a row, as others know windows: what is changed in it changes in the row. Whoever does has touched it. */
export class RowCell implements Cell {
  readonly #row: WindowRow;
  readonly #at: number;
  readonly armedAt = undefined;

  constructor(row: WindowRow, at: number) {
    this.#row = row;
    this.#at = at;
  }

  get key(): Key {
    return this.#row.key;
  }

  get start(): EpochMs {
    return this.#row.block.startOf(this.#at);
  }

  get end(): EpochMs {
    return this.#row.block.endOf(this.#at);
  }

  /** A list of its own: to change what is kept, set it. */
  get accumulators(): Accumulator[] {
    return this.#row.accumulatorsOf(this.#at);
  }

  set accumulators(accumulators: Accumulator[]) {
    this.#row.setAccumulators(this.#at, accumulators);
  }

  get versions(): Cell["versions"] {
    return this.#row.versionsOf(this.#at);
  }

  set versions(versions: Cell["versions"]) {
    this.#row.setVersions(this.#at, versions);
  }

  get panes(): number {
    return this.#row.panesOf(this.#at);
  }

  set panes(panes: number) {
    this.#row.setPanes(this.#at, panes);
  }

  get pending(): number {
    return this.#row.pendingOf(this.#at);
  }

  set pending(pending: number) {
    this.#row.setPending(this.#at, pending);
  }

  get batch(): number {
    return this.#row.stampOf(this.#at);
  }

  get gone(): boolean {
    return !this.#row.block.isOpen(this.#at) || !this.#row.has(this.#at);
  }
}
