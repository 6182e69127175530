import { MillraceError } from "../../errors/millrace-error.ts";
import type { Change } from "../../state/change.ts";
import type { Host } from "../host.ts";
import type { KeptRows } from "../kept-rows.ts";
import type { StatefulOperator } from "../operator.ts";
import { rowKeeper } from "../row-keeper.ts";
import { Latest } from "./latest.ts";
import type { BroadcastSpec } from "./spec.ts";

/** The input by which control values come. */
const CONTROL = 1;

/**
 * Calls the user's function with each event and the latest control value of each key. Control values come by the
 * second input, to every partition; which of them an event sees is what came before it in the partition's log.
 */
export class Broadcast implements StatefulOperator {
  readonly #host: Host;
  readonly #spec: BroadcastSpec;
  readonly #latest: Latest;

  constructor(host: Host, spec: BroadcastSpec & { readonly kept: KeptRows }) {
    this.#host = host;
    this.#spec = spec;
    this.#latest = new Latest(host, rowKeeper(host, spec.kept, CONTROL), spec.prepare);
  }

  get size(): number {
    return this.#latest.size;
  }

  readonly push = (value: unknown): void => {
    let rows: unknown[];
    try {
      rows = [...(this.#spec.onEvent(value, this.#latest.all(), this.#host.context) ?? [])];
    } catch (thrown) {
      this.#host.fail(value, thrown);
      return;
    }
    for (const row of rows)
      if (row instanceof MillraceError) this.#host.fail(value, row);
      else this.#host.emit(row);
  };

  readonly pushRight = (value: unknown): void => {
    try {
      this.#latest.take(this.#host.context.key, value);
    } catch (thrown) {
      this.#host.fail(value, thrown);
    }
  };

  onTimer(): void {}

  changes(): Change[] {
    return this.#latest.changes();
  }

  clean(): void {
    this.#latest.clean();
  }

  snapshot(): Iterable<Change> {
    return this.#latest.snapshot();
  }

  apply(change: Change): void {
    this.#latest.apply(change);
  }

  rearm(): void {
    this.#latest.reset();
  }
}
