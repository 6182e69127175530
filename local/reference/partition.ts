import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import type { EventInfo, FailedEvent, Key } from "../../shared/events/event.ts";
import type { LookedUp } from "./history.ts";
import type { Host, Keeper } from "./host.ts";
import { noTime, type Times, watermarkAtTick } from "./idle.ts";
import { checkKeepable, copyOf, isKeepable } from "./keepable.ts";
import { keeperOf } from "./keepers.ts";
import { keyFrom } from "./keys.ts";
import { checkLakeRow } from "./lake-row.ts";
import { lookedUp } from "./lookup.ts";
import { type Counts, noCounts, type Results } from "./results.ts";
import { selected } from "./select.ts";
import type { Feed, Node, Port, Sink, Stage } from "./stage.ts";

/** A row for another stage. */
export type Row = {
  readonly edge: number;
  readonly key: Key;
  readonly time: number;
  readonly value: unknown;
};

export type PartitionOptions = {
  readonly stage: Stage;
  readonly results: Results;
  readonly codeVersion: string;
  /** Takes rows for another stage. */
  readonly feed: (spec: Feed, row: Row) => void;
};

/**
 * One partition of a stage, by the rules of docs/concepts.md: an event goes through the operators one after another;
 * then stream time and the watermark follow it, and what ends between the old watermark and the new one ends in the
 * order of time.
 */
export class ReferencePartition {
  readonly counts: Counts = noCounts();
  #ending = false;
  readonly times: Times = noTime();
  readonly #stage: Stage;
  readonly #options: PartitionOptions;
  readonly #keepers: ReadonlyMap<number, Keeper>;
  readonly #channels = new Map<string, number>();
  #inputTime: number = Number.NEGATIVE_INFINITY;
  #position = "";
  #index = 0;
  #told: readonly LookedUp[] = [];

  constructor(options: PartitionOptions) {
    this.#options = options;
    this.#stage = options.stage;
    this.#keepers = new Map(
      options.stage.nodes.flatMap((node, i): [number, Keeper][] => {
        const keeper = keeperOf(node, this.#hostOf(node, i));
        return keeper === undefined ? [] : [[i, keeper]];
      }),
    );
  }

  /** Begins a commit, which is said to have met these rows of tables outside. */
  commit(told: readonly LookedUp[]): void {
    this.#told = told;
  }

  /** Begins a record: what waits for its time, or an earlier one, is called before anything in it. */
  record(position: string, sentAt: number): void {
    this.#position = position;
    this.#index = 0;
    this.times.processingTime = Math.max(this.times.processingTime, sentAt);
    const keepers = [...this.#keepers.values()];
    for (;;) {
      const next = Math.min(...keepers.map((keeper) => keeper.nextCall?.() ?? Number.POSITIVE_INFINITY));
      if (!(next <= this.times.processingTime)) return;
      for (const keeper of keepers) if (keeper.nextCall?.() === next) keeper.call?.(next);
    }
  }

  /** An event of a source; its key, where that is known without the payload. */
  event(id: string, time: number, payload: unknown, known?: Key): void {
    const { input, id: stage } = this.#stage;
    if (input.kind !== "source") throw new TypeError(`stage "${stage}" reads no source`);
    let key: Key;
    try {
      key = known ?? keyFrom(input.key(payload));
    } catch (thrown) {
      this.reject(payload, thrown, time);
      return;
    }
    this.#enter(0, payload, { id, time: time as EventInfo["time"], key });
    this.#reachStreamTime(time);
    this.advance(this.times.streamTime - input.outOfOrder);
  }

  /** A row of another stage. */
  row({ edge, key, time, value }: Row): void {
    this.#enter(edge, value, { id: this.#place, time: time as EventInfo["time"], key });
    if (!this.#isControl(edge)) this.#reachStreamTime(time);
  }

  /** Control values take effect where they come; their times say nothing. */
  #isControl(edge: number): boolean {
    return this.#stage.nodes.some(({ spec, inputs: [, second] }) => {
      return (
        spec.kind === "broadcast" && second !== undefined && "edge" in second && second.edge === edge % 2
      );
    });
  }

  /** A row that stands for several: they come one after another, in one place. */
  combined(rows: readonly Row[]): void {
    const place = this.#index;
    for (const row of rows) {
      this.row(row);
      this.#index = place;
    }
    this.#index = place + 1;
  }

  /** What an upstream partition promises: the lowest promise of all counts. */
  promise(channel: string, watermark: number): void {
    const { input } = this.#stage;
    const upstreams = input.kind === "internal" ? input.upstreams.filter(({ control }) => !control) : [];
    if (!upstreams.some(({ stage }) => channel.startsWith(`${stage}/`))) return;
    this.#channels.set(channel, Math.max(watermark, this.#channels.get(channel) ?? Number.NEGATIVE_INFINITY));
    const all = upstreams.reduce((n, { partitions }) => n + partitions, 0);
    if (this.#channels.size >= all) this.advance(Math.min(...this.#channels.values()));
  }

  /** The record at hand held events: the partition is not idle. */
  active(): void {
    this.times.lastEventAt = this.times.processingTime;
  }

  tick(at: number): void {
    const { input } = this.#stage;
    if (input.kind !== "source" || input.idle === undefined) return;
    if (this.times.firstTickAt === Number.NEGATIVE_INFINITY) this.times.firstTickAt = at;
    const to = watermarkAtTick(input, this.times, at);
    if (to <= this.times.watermark) return;
    this.times.lastStepAt = at;
    this.advance(to);
  }

  /** The watermark comes to `to`: moment by moment, and at each the operators in their order. */
  advance(to: number): void {
    const { times } = this;
    if (to <= times.watermark) return;
    this.#ending = to === Number.POSITIVE_INFINITY;
    for (;;) {
      const moment = Math.min(...[...this.#keepers.values()].map((keeper) => keeper.nextMoment()));
      if (!(moment <= to) || moment === Number.POSITIVE_INFINITY) break;
      // what is shown at a moment is not late for what ends at it
      times.watermark = Math.max(times.watermark, moment - 1);
      for (const keeper of this.#keepers.values()) keeper.reach(moment);
      times.watermark = Math.max(times.watermark, moment);
    }
    times.watermark = Math.max(times.watermark, to);
  }

  /** What is no event of this stage becomes a failed event of the stage itself. */
  reject(payload: unknown, thrown: unknown, time: number = this.times.processingTime): void {
    this.counts.failed += 1;
    const key = "";
    this.#keep(this.#stage.id, payload, thrown, { id: this.#place, time: time as EventInfo["time"], key });
    this.#index += 1;
  }

  get #place(): string {
    return `${this.#position}#${this.#index}`;
  }

  /** @param edge - from version 2 of a row on it is beyond the two inputs */
  #enter(edge: number, value: unknown, info: EventInfo): void {
    this.counts.input += 1;
    this.#inputTime = info.time;
    for (const [i, { inputs }] of this.#stage.nodes.entries())
      for (const [nth, input] of inputs.entries())
        if ("edge" in input && input.edge === edge % 2) this.#take(i, value, info, nth);
    this.#index += 1;
  }

  #reachStreamTime(time: number): void {
    if (time <= this.times.streamTime) return;
    this.times.streamTime = time;
    for (;;) {
      const next = Math.min(...[...this.#keepers.values()].map((keeper) => keeper.nextShowing()));
      if (!(next <= time)) return;
      for (const keeper of this.#keepers.values()) keeper.show(next);
    }
  }

  #give(from: number, port: Port, value: unknown, info: EventInfo): void {
    for (const [i, { inputs }] of this.#stage.nodes.entries())
      for (const [nth, input] of inputs.entries())
        if ("node" in input && input.node === from && input.port === port) this.#take(i, value, info, nth);
  }

  #take(i: number, value: unknown, info: EventInfo, nth: number): void {
    const node = this.#stage.nodes[i] as Node;
    const keeper = this.#keepers.get(i);
    if (keeper !== undefined) {
      keeper.take(value, info, nth);
      return;
    }
    let give: () => void;
    try {
      give = this.#applied(i, node, value, info);
    } catch (thrown) {
      this.#fail(i, node, value, thrown, info);
      return;
    }
    give();
  }

  /** What an operator without state makes of a value, still to be given away. Throws what the user's function throws. */
  #applied(i: number, { spec }: Node, value: unknown, info: EventInfo): () => void {
    const given = { ...info };
    switch (spec.kind) {
      case "filter":
        return spec.fn(value, given) ? () => this.#give(i, "main", value, info) : () => {};
      case "map": {
        const result = spec.fn(value, given);
        return () => this.#give(i, "main", result, info);
      }
      case "flatMap": {
        const values = [...spec.fn(value, given)];
        return () => {
          for (const one of values) this.#give(i, "main", one, info);
        };
      }
      case "select":
        return () => this.#give(i, "main", selected(value, spec.paths), info);
      case "keyBy": {
        const { by } = spec;
        const key = keyFrom(
          typeof by === "string" ? (value as Record<string, unknown>)[by] : by(value, given),
        );
        return () => this.#give(i, "main", value, { ...info, key });
      }
      case "control":
        if (value !== null && value !== undefined) spec.prepare?.(copyOf(value), info.key);
        return () => this.#give(i, "main", value, info);
      case "lookup": {
        const result = lookedUp(spec, value, given, this.#told);
        if (typeof result === "object") return () => this.#give(i, "main", result.value, info);
        return () => {
          if (result === "unmatched") this.counts.unmatched = (this.counts.unmatched ?? 0) + 1;
          else
            this.#options.results.contradictions.push(
              `${this.#stage.id}: nobody said what "${spec.lookup.table.name}" has for an event at ${this.#place}`,
            );
        };
      }
      case "feed":
        return this.#fed(spec, value, info);
      case "sink":
        return this.#written(spec.sink, value);
      case "union":
        return () => this.#give(i, "main", value, info);
      default:
        throw new RangeError(`the reference has no definition of "${spec.kind}"`);
    }
  }

  #fed(spec: Feed, value: unknown, { key, time }: EventInfo): () => void {
    checkKeepable(value);
    // on its way it becomes text and is read again
    const row = { edge: spec.edge, key, time, value: structuredClone(value) };
    return () => this.#options.feed(spec, row);
  }

  #written(sink: Sink, value: unknown): () => void {
    const { results } = this.#options;
    checkKeepable(value);
    const row: unknown = structuredClone(value);
    if (sink.kind === "lake") {
      checkLakeRow(sink, value);
      return () => results.append(sink.name, row);
    }
    const [key, sort] = [keyFrom(sink.key(value)), keyFrom(sink.sort(value))];
    const retracted = (row as { pane?: { timing?: string } } | null)?.pane?.timing === "retracted";
    return () => results.write(sink.name, key, sort, retracted ? undefined : row);
  }

  #fail(i: number, node: Node, value: unknown, thrown: unknown, info: EventInfo): void {
    if (node.onError === "halt") throw thrown;
    if (node.onError === "skip") {
      this.counts.skipped += 1;
      return;
    }
    this.counts.failed += 1;
    this.#give(i, "failed", this.#keep(operatorOf(node), value, thrown, info), info);
  }

  #keep(operator: string, payload: unknown, thrown: unknown, { id, time }: EventInfo): FailedEvent {
    const { pipeline, id: stage } = this.#stage;
    const failed: FailedEvent = {
      payload: isKeepable(payload) ? structuredClone(payload) : UNKEPT,
      error: {
        code: thrown instanceof MillraceError ? thrown.code : "OPERATOR_FAILED",
        name: thrown instanceof Error ? thrown.name : typeof thrown,
        message: messageOf(thrown),
      },
      pipeline,
      stage,
      operator,
      position: this.#place,
      id,
      time,
      codeVersion: this.#options.codeVersion,
    };
    this.#options.results.failed.push(failed);
    return failed;
  }

  #hostOf(node: Node, i: number): Host {
    return {
      watermark: () => this.times.watermark,
      ending: () => this.#ending,
      processingTime: () => this.times.processingTime,
      streamTime: () => this.times.streamTime,
      newestTime: () => Math.max(this.times.streamTime, this.#inputTime),
      give: (value, info, port = "main") => {
        if (node.spec.kind === "window" && timingOf(value) === "on-time") this.counts.windows += 1;
        this.#give(i, port, value, info);
      },
      late: (value, info) => {
        this.counts.late += 1;
        this.#give(i, "late", value, info);
      },
      fail: (value, thrown, info) => this.#fail(i, node, value, thrown, info),
      repeat: () => {
        this.counts.duplicates += 1;
      },
    };
  }
}

/** Stands for a payload that no log keeps. */
export const UNKEPT = "a value that cannot be kept";

const timingOf = (row: unknown): unknown => (row as { pane: { timing: unknown } }).pane.timing;

/** What the planner puts before an operator, to hand rows on, goes by that operator's name. */
const operatorOf = ({ id }: Node): string => {
  const [, operator, nth] = id.split(":");
  return operator === undefined || nth === undefined ? id : operator;
};
