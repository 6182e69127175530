import { MillraceError } from "../errors/millrace-error.ts";
import type { FailedEvent, Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { Journal } from "../state/journal.ts";
import type { Page, PageRecord } from "../state/page.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, type EpochMs } from "../time/time.ts";
import { Channels } from "./channels.ts";
import { Clocks, stageTimers } from "./clocks.ts";
import type { Partial } from "./combine/partial.ts";
import { type CompiledStage, compileStage } from "./compile.ts";
import { EventContext } from "./context.ts";
import { failedEvent, OperatorHalted } from "./failure.ts";
import { idleWatermark } from "./idle.ts";
import { keepable } from "./keepable.ts";
import { inputOf } from "./kept-rows.ts";
import type { Lack, LookupReader } from "./lookup/answer.ts";
import { BatchLookups } from "./lookup/batch-lookups.ts";
import type { LookedUp } from "./lookup/looked-up.ts";
import { isPaged, type Push, type StatefulOperator } from "./operator.ts";
import { type Counts, noCounts, noOutputs, type Outputs, type TakeRow } from "./outputs.ts";
import { type PagedPart, PagedState } from "./paged-state.ts";
import { controlEdges, type FeedSpec, type Stage, type StageNode } from "./stage.ts";
import { START_OF_TIME, type TimeState } from "./time-state.ts";

/** What a batch did, to be written as one log entry. */
export type FoldResult = {
  readonly changes: readonly Change[];
  readonly outputs: Outputs;
  readonly time: TimeState;
  readonly counts: Counts;
  readonly nextTimer: EpochMs | undefined;
  readonly nextProcessingTimer: EpochMs | undefined;
  /** The rows of tables outside that it met. */
  readonly lookedUp: LookedUp;
};

/**
 * One partition of a stage: `(state, input) → (state', outputs, timers)`. Time comes from the input only;
 * there is no clock, no randomness and no I/O in here.
 *
 * A batch is: inputs, `seal()`, then `keep()` once its entry is committed or `rollback()` where it is not.
 * Timers fire when the watermark passes them, in time order, before the next event is folded.
 */
export class Fold {
  readonly stage: Stage;
  readonly #codeVersion: string;
  readonly #context = new EventContext();
  readonly #journal = new Journal();
  readonly #compiled: CompiledStage;
  readonly #state: PagedState;
  readonly #clocks: Clocks;
  readonly #channels: Channels;
  readonly #controlEdges: ReadonlySet<number>;
  #time: TimeState = START_OF_TIME;
  #sealedTime: TimeState = START_OF_TIME;
  readonly #counts: Counts;
  #sealedCounts: Counts;
  readonly #lookups: BatchLookups;
  #outputs: Outputs = noOutputs();
  #careful = false;
  #changes: readonly Change[] = [];

  /**
   * @param options - `feed` takes rows for other stages, and `tableRows` those of lake tables, at once, instead of the
   * batch's outputs; where the batch is rolled back, so must they be. `lookups` answers for tables outside
   */
  constructor(
    stage: Stage,
    options: {
      readonly codeVersion: string;
      readonly feed?: (spec: FeedSpec) => TakeRow;
      readonly tableRows?: (sink: string) => Push;
      readonly lookups?: LookupReader | undefined;
    },
  ) {
    this.stage = stage;
    this.#lookups = new BatchLookups(options.lookups, this.#context);
    this.#counts = countsOf(stage);
    this.#sealedCounts = countsOf(stage);
    this.#codeVersion = options.codeVersion;
    this.#channels = new Channels(stage);
    this.#controlEdges = controlEdges(stage);
    const timers = stageTimers();
    this.#compiled = compileStage(stage, {
      context: this.#context,
      journal: this.#journal,
      ...timers,
      careful: () => this.#careful,
      outputs: () => this.#outputs,
      feed: options.feed,
      tableRows: options.tableRows,
      counts: this.#counts,
      lookUp: (table, key, at) => this.#lookups.find(table, key, at),
      need: (operator, group, key) => this.#state.need(operator, group, key),
      failAt: (node, port, value, thrown) => this.#failAt(node, port, value, thrown),
    });
    this.#state = new PagedState(
      this.#context,
      new Map(
        stage.nodes.flatMap(({ id }, i): [string, StatefulOperator][] => {
          const operator = this.#compiled.stateful[i];
          return operator === undefined ? [] : [[id, operator]];
        }),
      ),
    );
    this.#clocks = new Clocks(this.#context, timers, this.#compiled.stateful, this.#state);
  }

  get watermark(): EpochMs {
    return this.#context.watermark;
  }

  /** How many windows, sessions and ids are held. */
  get size(): number {
    return this.#compiled.stateful.reduce((n, operator) => n + (operator?.size ?? 0), 0);
  }

  /** What the batch has given so far. */
  get outputs(): Outputs {
    return this.#outputs;
  }

  /** Time and counters as of the last batch that was kept. */
  get sealed(): { readonly time: TimeState; readonly counts: Counts } {
    return { time: this.#sealedTime, counts: this.#sealedCounts };
  }

  /** How many windows and sessions are open; of those that are not in memory, as of when they were written. */
  get openWindows(): number {
    return this.stage.nodes.reduce(
      (n, { id, spec }, i) =>
        n + (spec.kind === "window" ? (this.#compiled.stateful[i]?.size ?? 0) + this.#state.absent(id) : 0),
      0,
    );
  }

  /**
   * Pages of state that the batch needed and that are not in memory: where there is one, what the batch did
   * is worth nothing. Take it back, `load` them, fold it again.
   */
  get missing(): readonly Page[] {
    return this.#state.missing;
  }

  /** What the batch had to look up and could not: it is worth nothing then, as where pages are missing. */
  get lacks(): readonly Lack[] {
    return this.#lookups.lacks;
  }

  /** Whether the batch came out wrong, for want of state or of rows that are not in memory. */
  get lacking(): boolean {
    return this.lacks.length > 0 || this.missing.length > 0;
  }

  /** The operators whose state is kept in pages. */
  get paged(): Iterable<PagedPart> {
    return this.#state.parts.values();
  }

  /**
   * Names the record whose events follow: `<shard or channel>:<sequence number or counter>`. Processing time comes to
   * what is stamped on it, and never goes back; timers of processing time fire before anything in the record.
   */
  record(position: string, sentAt: EpochMs): void {
    this.#context.record = position;
    this.#context.index = 0;
    if (sentAt > this.#time.processingTime) this.#time = { ...this.#time, processingTime: sentAt };
    this.#clocks.reachProcessingTime(this.#time.processingTime);
  }

  /** Notes that the current record holds events: its partition is not idle. */
  active(): void {
    const { processingTime, lastEventAt } = this.#time;
    if (processingTime !== lastEventAt) this.#time = { ...this.#time, lastEventAt: processingTime };
  }

  /**
   * Folds one event of a source stream, then lets the watermark follow it.
   * @param id - its own, or a number that no other event of the record has
   */
  event(id: string | number, time: EpochMs, key: Key, payload: unknown, outOfOrder: number): void {
    const context = this.#context;
    context.ownId = id;
    context.time = time;
    context.inputTime = time;
    context.key = key;
    this.#counts.input += 1;
    this.#compiled.entries[0]?.(payload);
    context.index += 1;
    if (time > context.streamTime) {
      this.#clocks.reachStreamTime(time);
      this.#clocks.advance((time - outOfOrder) as EpochMs);
    }
  }

  /**
   * Folds one row from another stage. The watermark follows with `channelWatermark`.
   * @throws MillraceError `STATE_VERSION` for a row that newer code keeps in a version of which this code does not know
   */
  row(edge: number, key: Key, time: EpochMs, value: unknown): void {
    const context = this.#context;
    context.ownId = context.index;
    context.time = time;
    context.inputTime = time;
    context.key = key;
    this.#counts.input += 1;
    const enter = this.#compiled.entries[edge] ?? this.#compiled.entryOf(edge);
    if (enter === undefined) {
      this.reject(this.stage.id, value, noEdge(this.stage, edge), time);
      return;
    }
    try {
      enter(value);
    } catch (thrown) {
      if (!isUnknownPartial(thrown)) throw thrown;
      // no user code is at fault, and several events would go with it: no operator's policy may drop it
      this.reject(this.stage.id, value, thrown, time);
      return;
    }
    if (edge === this.#compiled.combined) this.#counts.input += (value as Partial).n - 1;
    context.index += 1;
    if (time <= context.streamTime) return;
    // control rows move nothing, nor what fires before the next row
    if (this.#controlEdges.has(inputOf(edge))) context.inputTime = context.streamTime;
    else this.#clocks.reachStreamTime(time);
  }

  /** What an upstream partition promises; the watermark is the least of all that there are, control aside. */
  channelWatermark(channel: string, watermark: EpochMs): void {
    const least = this.#channels.promised(channel, watermark);
    if (least !== undefined) this.#clocks.advance(least);
  }

  /** A tick of processing time, stamped on the current record. */
  tick(at: EpochMs): void {
    const { input } = this.stage;
    if (input.kind !== "source" || input.idle === undefined) return;
    if (this.#time.firstTickAt === BEGINNING_OF_TIME) this.#time = { ...this.#time, firstTickAt: at };
    const watermark = idleWatermark(input.idle, input.outOfOrder, this.time(), at);
    if (watermark === undefined) return;
    this.#time = { ...this.#time, lastStepAt: at };
    this.#clocks.advance(watermark);
  }

  /** The input has ended: every window comes to its end. */
  end(): void {
    this.#clocks.advance(END_OF_TIME);
  }

  /** An input that could not be read at all, or without a time: a failed event of the stage itself. */
  reject(
    operator: string,
    payload: unknown,
    thrown: unknown,
    time: EpochMs = this.#time.processingTime,
  ): void {
    this.#context.time = time;
    this.#context.ownId = this.#context.index;
    this.#failed(operator, payload, thrown);
    this.#context.index += 1;
  }

  time(): TimeState {
    const { watermark, streamTime } = this.#context;
    return { ...this.#time, watermark, streamTime, channels: this.#channels.all };
  }

  /** Ends the batch: all that it changed and gives. */
  seal(): FoldResult {
    const changes: Change[] = [];
    for (const operator of this.#compiled.stateful)
      if (operator !== undefined) for (const change of operator.changes()) changes.push(change);
    this.#changes = changes;
    return {
      changes,
      outputs: this.#outputs,
      time: this.time(),
      counts: { ...this.#counts },
      nextTimer: this.#clocks.nextTimer,
      nextProcessingTimer: this.#clocks.nextProcessingTimer,
      lookedUp: this.#lookups.kept(),
    };
  }

  /** The batch is committed; or, not sealed, kept by a caller who needs no log of it. */
  keep(): void {
    this.#journal.keep();
    this.#state.committed(this.#changes);
    this.#changes = [];
    for (const operator of this.#compiled.stateful) operator?.clean();
    this.#sealedTime = this.time();
    this.#sealedCounts = { ...this.#counts };
    this.#outputs = noOutputs();
    this.#lookups.clear();
    this.#careful = false;
  }

  /**
   * The batch is not committed: nothing of it remains. `careful`: it will be folded again, slowly, with a copy
   * before each `add` and a look at each value, so that only the event at fault fails.
   */
  rollback(careful = false): void {
    this.#journal.rollback();
    this.#state.rollback();
    this.#changes = [];
    this.#outputs = noOutputs();
    this.#lookups.clear();
    this.#takeUp(this.#sealedTime, this.#sealedCounts);
    this.#rearm();
    this.#careful = careful;
  }

  /** Applies a committed entry or a snapshot; call `resume` once all are applied. */
  apply(changes: Iterable<Change>): void {
    for (const change of changes) this.#state.apply(change);
  }

  /**
   * Takes up time and counters as saved, and arms the timers of all state.
   * @param pages - by operator, of a snapshot that is to be read page by page
   */
  resume(time: TimeState, counts: Counts, pages: ReadonlyMap<string, readonly Page[]> = NO_PAGES): void {
    this.#takeUp(time, counts);
    this.#state.restore(pages);
    this.#state.settle();
    this.#rearm();
    this.keep();
  }

  /** Takes pages into memory, between two batches. */
  load(pages: Iterable<readonly [Page, readonly PageRecord[]]>): void {
    for (const [page, content] of pages) this.#state.load(page, content);
    this.#state.settle();
    this.#rearm();
  }

  /** Takes pages as they were written: what they hold is what is in memory. */
  written(pages: ReadonlyMap<string, readonly Page[]>): void {
    this.#state.written(pages);
  }

  /** Removes pages from memory, between two batches. None of them may have changed since it was written. */
  evict(pages: Iterable<Page>): void {
    this.#state.evict(pages);
    this.#state.settle();
  }

  #takeUp(time: TimeState, counts: Counts): void {
    this.#time = time;
    this.#context.reset(time);
    this.#channels.takeUp(time.channels);
    // an entry of a build that had no lookup does not count what found nothing
    Object.assign(this.#counts, countsOf(this.stage), counts);
  }

  #rearm(): void {
    this.#clocks.clear();
    for (const operator of this.#compiled.stateful) operator?.rearm();
  }

  /** Asks for the pages that hold an operator's state of a key: those that are not in memory are `missing`. */
  need(operator: string, key: Key): void {
    this.#state.needKey(operator, key);
  }

  /** What an operator keeps of a key; undefined where it tells nobody. */
  stateOf(operator: string, key: Key): unknown {
    const node = this.stage.nodes.findIndex(({ id }) => id === operator);
    return this.#compiled.stateful[node]?.stateOf?.(key);
  }

  /** All state that is in memory, in a stable order. */
  *snapshot(): Iterable<Change> {
    for (const operator of this.#compiled.stateful) if (operator !== undefined) yield* operator.snapshot();
  }

  /** The state of operators that keep no pages. */
  *unpaged(): Iterable<Change> {
    for (const operator of this.#compiled.stateful)
      if (operator !== undefined && !isPaged(operator)) yield* operator.snapshot();
  }

  /** Counts a failed event, and gives it. */
  #failed(operator: string, value: unknown, thrown: unknown): FailedEvent {
    this.#counts.failed += 1;
    const payload = this.#careful ? keepable(value) : value;
    const failed = failedEvent(this.stage, operator, this.#codeVersion, this.#context, payload, thrown);
    this.#outputs.failed.push(failed);
    return failed;
  }

  #failAt(node: StageNode, port: Push, value: unknown, thrown: unknown): void {
    if (node.onError === "halt") throw new OperatorHalted(this.stage, node, this.#context, thrown);
    if (node.onError === "skip") {
      this.#counts.skipped += 1;
      return;
    }
    port(this.#failed(node.id, value, thrown));
  }
}

const isUnknownPartial = (thrown: unknown): boolean =>
  thrown instanceof MillraceError && thrown.code === "PARTIAL_UNKNOWN";

/** Its sender was planned for another stage: what it means by the row is not known, and it must not get lost. */
const noEdge = ({ id }: Stage, edge: number): MillraceError =>
  new MillraceError("PARTIAL_UNKNOWN", `stage "${id}" takes no rows by edge ${edge}`, {
    next: "dead-lettered",
  });

/** A stage with a lookup counts what found nothing. */
const countsOf = ({ nodes }: Stage): Counts =>
  nodes.some(({ spec }) => spec.kind === "lookup") ? { ...noCounts(), unmatched: 0 } : noCounts();

const NO_PAGES: ReadonlyMap<string, readonly Page[]> = new Map();
