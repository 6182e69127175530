import type { Key } from "../../shared/events/event.ts";
import { createPartitioner } from "../../shared/frames/partitioner.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { FeedRow } from "../../shared/operators/outputs.ts";
import { CarefulFoldNeeded } from "../../shared/operators/panes.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { END_OF_TIME, type EpochMs } from "../../shared/time/time.ts";
import type { LakeFile, ViewFile } from "./sink-files.ts";

/** An event of a source, read and placed. */
export type Arrival = {
  readonly id: string;
  readonly time: EpochMs;
  readonly key: Key;
  readonly payload: unknown;
};

export type Sinks = {
  readonly lake: ReadonlyMap<string, LakeFile>;
  readonly views: ReadonlyMap<string, ViewFile>;
  readonly failed: LakeFile;
};

/** All partitions of one stage in one process: the folds of the deployed stage, without a log between them. */
export class StageRun {
  readonly stage: Stage;
  readonly partitionOf: (key: Key) => number;
  readonly #folds: readonly Fold[];
  readonly #sinks: Sinks;
  readonly #downstream: ReadonlyMap<string, StageRun>;

  constructor(stage: Stage, sinks: Sinks, downstream: ReadonlyMap<string, StageRun>) {
    this.stage = stage;
    this.#sinks = sinks;
    this.#downstream = downstream;
    this.partitionOf = createPartitioner(stage.partitions);
    this.#folds = Array.from({ length: stage.partitions }, () => new Fold(stage, { codeVersion: "local" }));
  }

  get counts(): readonly Fold["sealed"]["counts"][] {
    return this.#folds.map((fold) => fold.sealed.counts);
  }

  /** Starts a batch of events of all partitions. */
  begin(record: string): void {
    for (const fold of this.#folds) fold.record(record, 0 as EpochMs);
  }

  /** Folds an event of the batch in its partition. */
  event({ id, time, key, payload }: Arrival): void {
    const { input } = this.stage;
    const outOfOrder = input.kind === "source" ? input.outOfOrder : 0;
    this.#foldOf(key).event(id, time, key, payload, outOfOrder);
  }

  #foldOf(key: Key): Fold {
    return this.#folds[this.#folds.length === 1 ? 0 : this.partitionOf(key)] as Fold;
  }

  /** Takes the batch back; it will be folded again with care. */
  rollback(): void {
    for (const fold of this.#folds) fold.rollback(true);
  }

  /** Ends the batch: hands on what it gave. */
  give(): void {
    for (const [partition, fold] of this.#folds.entries()) this.#give(partition, fold);
  }

  /** Folds rows of an upstream partition, then takes over its watermark. */
  rows(partition: number, channel: string, rows: readonly FeedRow[], watermark: EpochMs): void {
    this.#batch(partition, channel, (fold) => {
      for (const [edge, key, time, value] of rows) fold.row(edge, key, time, value);
      fold.channelWatermark(channel, watermark);
    });
  }

  /** The source has ended. */
  end(): void {
    for (const partition of this.#folds.keys()) this.#batch(partition, "end", (fold) => fold.end());
  }

  #batch(partition: number, record: string, run: (fold: Fold) => void): void {
    const fold = this.#folds[partition] as Fold;
    try {
      fold.record(record, 0 as EpochMs);
      run(fold);
    } catch (thrown) {
      fold.rollback(true);
      if (!(thrown instanceof CarefulFoldNeeded)) throw thrown;
      fold.record(record, 0 as EpochMs);
      run(fold);
    }
    this.#give(partition, fold);
  }

  #give(partition: number, fold: Fold): void {
    const { feeds, views, lake, failed } = fold.outputs;
    for (const [sink, rows] of views) this.#sinks.views.get(sink)?.merge(rows);
    for (const [sink, rows] of lake) this.#sinks.lake.get(sink)?.append(rows);
    if (failed.length > 0) this.#sinks.failed.append(failed);
    const { watermark } = fold;
    fold.seal();
    fold.keep();
    for (const { id, spec } of this.stage.nodes)
      if (spec.kind === "feed") this.#feed(partition, spec.stage, feeds.get(id) ?? [], watermark);
  }

  #feed(partition: number, target: string, rows: readonly FeedRow[], watermark: EpochMs): void {
    const next = this.#downstream.get(target);
    if (next === undefined) return;
    const channel = `${this.stage.id}/${partition}`;
    const batches: FeedRow[][] = Array.from({ length: next.stage.partitions }, () => []);
    if (batches.length === 1) batches[0] = rows as FeedRow[];
    else for (const row of rows) batches[next.partitionOf(row[1])]?.push(row);
    for (const [to, batch] of batches.entries())
      if (batch.length > 0 || watermark === END_OF_TIME || next.stage.kind === "stage")
        next.rows(to, channel, batch, watermark);
  }
}
