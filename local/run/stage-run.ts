import type { Key } from "../../shared/events/event.ts";
import { createPartitioner } from "../../shared/frames/partitioner.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { LookupReader } from "../../shared/operators/lookup/answer.ts";
import type { Push } from "../../shared/operators/operator.ts";
import type { TakeRow } from "../../shared/operators/outputs.ts";
import { type FeedSpec, keepsNothing, type Stage } from "../../shared/operators/stage.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import type { LakeFile, ViewFile } from "./sink-files.ts";

/** An event of a source, read. One object serves for all, one after another. */
export type Arrival = {
  /** Its own, or its number in the batch. */
  id: string | number;
  time: EpochMs;
  key: Key;
  payload: unknown;
};

export type Sinks = {
  readonly lake: ReadonlyMap<string, LakeFile>;
  readonly views: ReadonlyMap<string, ViewFile>;
  readonly failed: LakeFile;
};

/**
 * All partitions of one stage in one process: the folds of the deployed stage, without a log between them.
 * Rows for another stage are folded there at once, so that no batch keeps them.
 */
export class StageRun {
  readonly stage: Stage;
  readonly #folds: readonly Fold[];
  readonly #partitionOf: (key: Key) => number;
  readonly #sinks: Sinks;
  readonly #downstream: readonly StageRun[];

  /**
   * @param runs - by stage id, at least those that this stage feeds
   * @param lookups - lacks nothing
   */
  constructor(stage: Stage, sinks: Sinks, runs: ReadonlyMap<string, StageRun>, lookups?: LookupReader) {
    this.stage = stage;
    this.#sinks = sinks;
    this.#partitionOf = createPartitioner(stage.partitions);
    const feed =
      (from: number) =>
      (spec: FeedSpec): TakeRow =>
        runs.get(spec.stage)?.entry(spec, from) ?? (() => {});
    const tableRows = (sink: string): Push => {
      const file = sinks.lake.get(sink);
      return (row) => file?.take(row);
    };
    this.#folds = Array.from(
      { length: stage.partitions },
      (_, partition) => new Fold(stage, { codeVersion: "local", feed: feed(partition), tableRows, lookups }),
    );
    const fed = stage.nodes.flatMap(({ spec }) => (spec.kind === "feed" ? [spec.stage] : []));
    this.#downstream = [...new Set(fed)].flatMap((id) => runs.get(id) ?? []);
  }

  /** Whether nothing of an event outlives its batch, here or in a stage behind. */
  get keepsNothing(): boolean {
    return keepsNothing(this.stage) && this.#downstream.every((next) => next.keepsNothing);
  }

  get counts(): readonly Fold["sealed"]["counts"][] {
    return this.#folds.map((fold) => fold.sealed.counts);
  }

  /** Starts a batch; `record` names it in ids and in the positions of failed events. */
  begin(record: string): void {
    for (const [partition, fold] of this.#folds.entries())
      fold.record(
        this.stage.input.kind === "source" ? record : `${this.stage.id}/${partition}:${record}`,
        0 as EpochMs,
      );
  }

  /** Folds an event of the source in its partition. */
  event({ id, time, key, payload }: Arrival): void {
    const { input } = this.stage;
    const outOfOrder = input.kind === "source" ? input.outOfOrder : 0;
    this.#foldOf(key).event(id, time, key, payload, outOfOrder);
  }

  /** The source has ended. */
  end(): void {
    for (const fold of this.#folds) fold.end();
  }

  /** Tells the stages downstream how far this one is. */
  tellWatermark(): void {
    for (const [partition, { watermark }] of this.#folds.entries())
      for (const next of this.#downstream) next.#hear(`${this.stage.id}/${partition}`, watermark);
  }

  #hear(channel: string, watermark: EpochMs): void {
    for (const fold of this.#folds) fold.channelWatermark(channel, watermark);
  }

  /** Takes the batch back; it will be folded again with care. */
  rollback(): void {
    for (const file of this.#sinks.lake.values()) file.drop();
    for (const fold of this.#folds) fold.rollback(true);
  }

  /** Ends the batch: hands what it gave to the sinks. */
  give(): void {
    for (const file of this.#sinks.lake.values()) file.keep();
    for (const fold of this.#folds) {
      const { views, failed } = fold.outputs;
      for (const [sink, rows] of views) this.#sinks.views.get(sink)?.merge(rows);
      if (failed.length > 0) this.#sinks.failed.append(failed);
      fold.keep();
    }
  }

  /** Where rows of the sender's partition `from` enter this stage. */
  entry({ edge, reach }: FeedSpec, from: number): TakeRow {
    const { partitions } = this.stage;
    if (reach === "all")
      return (key, time, value) => {
        for (const fold of this.#folds) fold.row(edge, key, time, value);
      };
    if (reach === "key" && partitions > 1)
      return (key, time, value) => this.#foldOf(key).row(edge, key, time, value);
    const only = this.#folds[from % partitions] as Fold;
    return (key, time, value) => only.row(edge, key, time, value);
  }

  #foldOf(key: Key): Fold {
    return this.#folds[this.#partitionOf(key)] as Fold;
  }
}
