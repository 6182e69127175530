import { Combiner } from "../../shared/operators/combine/combiner.ts";
import type { Row } from "../../shared/operators/combine/spec.ts";
import { Fold, type FoldResult } from "../../shared/operators/fold.ts";
import type { Outputs } from "../../shared/operators/outputs.ts";
import { CarefulFoldNeeded } from "../../shared/operators/panes.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { combineOf } from "../../shared/plan/combining.ts";
import type { Change } from "../../shared/state/change.ts";
import { decodeValue, encodeValue } from "../../shared/state/codec.ts";
import { type EpochMs, epochMs } from "../../shared/time/time.ts";
import type { Reading } from "./one-stage.ts";

/** One input of a stage, as the log orders them. `sentAt`: processing time, as stamped on its record. @default 0 */
export type Input = { readonly sentAt?: number } & (
  | { readonly kind: "event"; readonly event: Reading }
  | { readonly kind: "row"; readonly channel: string; readonly row: Reading }
  | { readonly kind: "watermark"; readonly channel: string; readonly at: number }
  | { readonly kind: "tick"; readonly at: number }
  | { readonly kind: "end" }
);

/** Processing time of an input. */
export const sentAtOf = (input: Input): number => (input.kind === "tick" ? input.at : (input.sentAt ?? 0));

/** The edge by which a row comes: where the stage has two, by its number. */
export const edgeOf = ({ nodes }: Stage, { n }: Reading): number =>
  n >= 4 && nodes.some(({ inputs }) => inputs.some((input) => "edge" in input && input.edge === 1)) ? 1 : 0;

export const eventOf = (event: Reading): Input => ({ kind: "event", event });
export const END: Input = { kind: "end" };

/** What a batch gave, as its log entry would keep it: nothing in it changes any more. */
export type Given = Readonly<Pick<FoldResult, "changes" | "time" | "counts" | "nextProcessingTimer">> & {
  readonly outputs: unknown;
};

/** Folds as a partition does: a batch whose `add` throws is folded again, carefully. */
export class Runner {
  stage: Stage;
  readonly #combiner: Combiner | undefined;
  fold: Fold;

  constructor(stage: Stage) {
    this.stage = stage;
    this.#combiner = combinerFor(stage);
    this.fold = new Fold(stage, { codeVersion: "code-1" });
  }

  /** Folds a batch, neither sealed nor taken back. `from` numbers its records. */
  take(inputs: readonly Input[], from: number): void {
    try {
      this.#foldAll(inputs, from);
    } catch (thrown) {
      if (!(thrown instanceof CarefulFoldNeeded)) throw thrown;
      this.fold.rollback(true);
      this.#foldAll(inputs, from);
    }
  }

  /** Folds a batch and seals it, neither kept nor taken back. */
  seal(inputs: readonly Input[], from: number): Given {
    this.take(inputs, from);
    const { changes, time, counts, nextProcessingTimer, outputs } = this.fold.seal();
    return frozen({ changes, time, counts, nextProcessingTimer, outputs: plain(outputs) });
  }

  /** Folds a batch for good. */
  batch(inputs: readonly Input[], from: number): Given {
    const given = this.seal(inputs, from);
    this.fold.keep();
    return given;
  }

  /** A new fold from the entries of all batches so far. */
  recover(entries: readonly Given[]): void {
    this.fold = new Fold(this.stage, { codeVersion: "code-1" });
    for (const { changes } of entries) this.fold.apply(frozen(changes));
    const last = entries.at(-1);
    if (last !== undefined) this.fold.resume(last.time, last.counts);
  }

  /** A new fold from a snapshot of this one. */
  restore(): void {
    const { time, counts } = this.fold.sealed;
    const changes = frozen([...this.fold.snapshot()]);
    this.fold = new Fold(this.stage, { codeVersion: "code-1" });
    this.fold.apply(changes);
    this.fold.resume(time, counts);
  }

  /** All state, in its stable order. */
  get state(): unknown {
    return frozen([...this.fold.snapshot()]);
  }

  #foldAll(inputs: readonly Input[], from: number): void {
    for (const [i, input] of inputs.entries()) this.#foldOne(input, from + i);
  }

  /** As a stage before the shuffle sends it. */
  #sent(row: Row): readonly Row[] {
    return this.#combiner?.combined([row], this.fold.watermark, true) ?? [row];
  }

  #foldOne(input: Input, nth: number): void {
    const { fold, stage } = this;
    fold.record(`shard:${nth}`, epochMs(sentAtOf(input)));
    if (input.kind === "event") {
      fold.active();
      const { id, t, k } = input.event;
      const outOfOrder = stage.input.kind === "source" ? stage.input.outOfOrder : 0;
      fold.event(id, epochMs(t), k, input.event, outOfOrder);
    } else if (input.kind === "row")
      for (const row of this.#sent([edgeOf(stage, input.row), input.row.k, epochMs(input.row.t), input.row]))
        fold.row(...row);
    else if (input.kind === "watermark") fold.channelWatermark(input.channel, input.at as EpochMs);
    else if (input.kind === "tick") fold.tick(epochMs(input.at));
    else fold.end();
  }
}

/** Where the planner would have rows combined for the stage. */
function combinerFor({ input, nodes }: Stage): Combiner | undefined {
  const head = nodes.find(({ inputs }) => inputs.some((from) => "edge" in from && from.edge === 0))?.spec;
  const spec = input.kind === "internal" && head?.kind === "window" ? combineOf(head, nodes) : undefined;
  return spec && new Combiner(spec);
}

const frozen = <T>(value: T): T => decodeValue(encodeValue(value)) as T;

/** Changes as the log gives them to whoever reads it: shared with nobody. */
export const through = (changes: Iterable<Change>): Change[] => frozen([...changes]);

/** A runner whose state is what entries of other code have left. */
export function leftBy(stage: Stage, changes: Iterable<Change>, before?: Runner): Runner {
  const runner = new Runner(stage);
  const { time, counts } = (before ?? runner).fold.sealed;
  runner.fold.apply(through(changes));
  runner.fold.resume(time, counts);
  return runner;
}

const plain = ({ feeds, views, lake, failed }: Outputs): unknown => ({
  feeds: [...feeds],
  views: [...views].map(([view, rows]) => [view, [...rows.values()]]),
  lake: [...lake.values()],
  failed,
});

/** The rows that a batch gave to the lake table `sink`. */
export const rowsTo = (sink: string, given: Given): unknown[] =>
  timedRowsTo(sink, given).map(([, , row]) => row);

/** The same with their keys and event times. */
export function timedRowsTo(
  sink: string,
  given: Given,
): (readonly [key: string, time: number, row: unknown])[] {
  const { feeds } = given.outputs as { feeds: [string, [number, string, number, unknown][]][] };
  return feeds
    .filter(([stage]) => stage === `p.lake-${sink}`)
    .flatMap(([, rows]) => rows.map(([, key, time, value]) => [key, time, value] as const));
}
