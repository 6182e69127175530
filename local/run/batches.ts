import { CarefulFoldNeeded } from "../../shared/operators/panes.ts";
import type { StageRun } from "./stage-run.ts";

/** Takes batches through all stages: each batch through all of them, or, where it must be folded again, none. */
export class Batches {
  readonly #runs: readonly StageRun[];

  /** @param runs - each after those that feed it */
  constructor(runs: readonly StageRun[]) {
    this.#runs = runs;
  }

  /**
   * Folds a batch and hands its outputs to the sinks.
   * @param fold - gives the batch's inputs to the stages that read them; called again where user code threw half-way
   */
  run<R>(record: string, fold: () => R): R {
    let result: R;
    try {
      result = this.#attempt(record, fold);
    } catch (thrown) {
      if (!(thrown instanceof CarefulFoldNeeded)) throw thrown;
      for (const run of this.#runs) run.rollback();
      result = this.#attempt(record, fold);
    }
    for (const run of this.#runs) run.give();
    return result;
  }

  #attempt<R>(record: string, fold: () => R): R {
    for (const run of this.#runs) run.begin(record);
    const result = fold();
    for (const run of this.#runs) run.tellWatermark();
    return result;
  }
}
