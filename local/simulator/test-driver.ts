import { zstd } from "../../functions/aws/zstd.ts";
import type { Rejection } from "../../functions/ingest/verdict.ts";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { FailedEvent, Key } from "../../shared/events/event.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { type Application, application } from "../../shared/pipeline/application.ts";
import type { Pipeline } from "../../shared/pipeline/graph.ts";
import type { LookupPlan } from "../../shared/plan/plan.ts";
import type { Planned } from "../../shared/plan/planner.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { queryableStages, stageToQuery } from "../../shared/plan/queryable.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import { StateReader } from "../../shared/protocol/read-state.ts";
import { type DurationMs, type EpochMs, epochMs, minutes, seconds } from "../../shared/time/time.ts";
import { simulatedEnvironment } from "./environment.ts";
import { openGate } from "./gate.ts";
import { Intake } from "./intake.ts";
import { type LookupContent, writeLookup } from "./lookup-rows.ts";
import { failedEvents, lakeRows, stageCounts, viewRows } from "./read-back.ts";
import { createServices, type PlannedStream, type Services, streamsOf } from "./services.ts";
import { StageReader } from "./stage-reader.ts";
import { VirtualClock } from "./virtual-clock.ts";

export type TestDriverOptions = {
  /** Where virtual time starts. @default 2024-01-01T00:00:00Z */
  readonly start?: EpochMs;
  /** The rows of tables that are looked up, by name; of a file its text, too. @default none */
  readonly lookups?: Readonly<Record<string, LookupContent>>;
};

/** As the deployed clock ticks. */
const TICK_EVERY: DurationMs = minutes(1);
/** Between two calls of `feed`: producers do not send all at one time. */
const FEED_TAKES: DurationMs = seconds(1);
const START: EpochMs = epochMs(1_704_067_200_000);

/**
 * Runs an application in memory, in virtual time and in one thread: ingest's checks, the plan's stages with the very
 * loop that runs in Lambda, and models of Kinesis, DynamoDB and S3. The same calls give the same results.
 *
 * ```ts
 * const driver = await TestDriver.create(flightsApp);
 * await driver.feed("flights", [onTime, late]);
 * await driver.end();
 * expect(driver.view("hourly_delays")).toEqual([{ key: "EWR", flights: 2, … }]);
 * ```
 */
export class TestDriver {
  readonly #app: Application;
  readonly #planned: Planned;
  readonly #services: Services;
  readonly #clock: VirtualClock;
  readonly #env: Environment;
  readonly #readers: readonly StageReader[];
  readonly #reader: StateReader;
  readonly #intakes = new Map<string, Intake>();

  private constructor(app: Application, { start = START, lookups = {} }: TestDriverOptions) {
    this.#app = app;
    this.#planned = planApplication(app);
    this.#clock = new VirtualClock(start);
    this.#services = createServices(this.#planned.plan, this.#clock);
    let nonces = 0;
    this.#env = simulatedEnvironment({
      services: this.#services,
      gate: openGate,
      clock: this.#clock,
      compression: zstd,
      nonce: () => `nonce-${nonces++}`,
      tables: this.#tables,
    });
    for (const { name } of this.#tables) this.setLookup(name, []);
    for (const [name, rows] of Object.entries(lookups)) this.setLookup(name, rows);
    this.#reader = new StateReader(this.#env);
    this.#readers = [...this.#planned.stages.values()].map(
      (stage) => new StageReader(stage, this.#env, this.#services),
    );
    for (const stream of app.streams) this.#intakes.set(stream.id, new Intake(stream, zstd));
  }

  /**
   * Plans the application, or the given pipelines with the streams that they read, and makes what it needs.
   * @throws MillraceError with a `PLAN_…` code where the application cannot be planned
   */
  static async create(
    tested: Application | Pipeline | readonly Pipeline[],
    options: TestDriverOptions = {},
  ): Promise<TestDriver> {
    return new TestDriver(applicationOf(tested), options);
  }

  /**
   * Makes a table that is looked up have these rows and no others, from the time on when its `refresh` is over.
   * @param content - the rows; of a file also its text, to have it just so
   * @throws MillraceError `PLAN_LOOKUP` where no pipeline looks it up
   */
  setLookup(name: string, content: LookupContent): void {
    const table = this.#tables.find((one) => one.name === name);
    if (table === undefined) throw unknown("PLAN_LOOKUP", `lookup table "${name}"`, this.#app);
    writeLookup(this.#services, table, content);
  }

  get #tables(): readonly LookupPlan[] {
    return this.#planned.plan.lookups ?? [];
  }

  /**
   * Sends events, in order, and runs all stages until nothing is left to do.
   * @returns the events that ingest would have refused, by their index, and why
   * @throws MillraceError `STREAM_UNKNOWN`; what stopped a stage, `OPERATOR_HALTED` for one
   */
  async feed(stream: string, events: Iterable<unknown>): Promise<readonly Rejection[]> {
    const intake = this.#intakes.get(stream);
    if (intake === undefined) throw unknown("STREAM_UNKNOWN", `stream "${stream}"`, this.#app);
    const { records, rejected } = await intake.take([...events], this.#clock.now());
    await this.#env.streams.publish(stream, records);
    this.#clock.advance(FEED_TAKES);
    await this.#settle();
    return rejected;
  }

  /** Lets virtual time pass, with a tick for every partition each minute. */
  async advance(by: DurationMs): Promise<void> {
    for (let left: number = by; left > 0; left -= TICK_EVERY) {
      this.#clock.advance(Math.min(left, TICK_EVERY) as DurationMs);
      await this.#control("tick", streamsOf(this.#planned.plan));
    }
  }

  /** Ends all streams: every window comes to its end. Events that are fed afterwards are late. */
  async end(): Promise<void> {
    await this.#control("end", this.#app.streams);
  }

  /** The rows of a view, by key and sort value. */
  view<Row = unknown>(name: string): Row[] {
    this.#expectSink("view", name);
    return viewRows(this.#services, name) as Row[];
  }

  /** The rows of a lake table, in the order of the commits that gave them. */
  lake<Row = unknown>(name: string): Row[] {
    this.#expectSink("lake", name);
    return lakeRows(this.#services, name) as Row[];
  }

  /**
   * What a queryable operator keeps of a key, as `GET /v1/state` tells it: by state's name, or a list of open windows.
   * @throws MillraceError `PIPELINE_UNKNOWN`, `STATE_UNKNOWN` where it is not queryable
   */
  async state<State = unknown>(pipeline: string, operator: string, key: Key): Promise<State> {
    const { plan, stages } = this.#planned;
    const queryable = queryableStages(
      plan.pipelines.map(({ id }) => id),
      stages.values(),
    );
    const { state } = await this.#reader.read(stageToQuery(queryable, pipeline, operator), operator, key);
    return state as State;
  }

  /** Events on which an operator threw, by pipeline. */
  failed(): FailedEvent[] {
    return failedEvents(this.#services).map(({ failedId: _, ...event }) => event);
  }

  /** Per stage: `input`, `late`, `failed`, `skipped`, `duplicates`, `windows`, and `open` windows; `unmatched` where there is a lookup. */
  counts(): Record<string, Record<string, number>> {
    return stageCounts(this.#services);
  }

  /** Sends a control record to every partition of the streams. */
  async #control(kind: "tick" | "end", streams: readonly PlannedStream[]): Promise<void> {
    const sentAt = this.#clock.now();
    for (const { id: stream, partitions } of streams)
      await this.#env.streams.publish(
        stream,
        Array.from({ length: partitions }, (_, partition) => ({
          partition,
          partitions,
          data: encodeFrame({ kind, stream, partition, sentAt }, zstd),
        })),
      );
    await this.#settle();
  }

  /** Runs every stage until no stage has anything to read. */
  async #settle(): Promise<void> {
    for (let moved = true; moved; ) {
      moved = false;
      for (const reader of this.#readers) if (await reader.run()) moved = true;
    }
  }

  #expectSink(kind: "view" | "lake", name: string): void {
    const known = this.#planned.plan.pipelines.some(({ sinks }) =>
      sinks.some((sink) => sink.kind === kind && sink.name === name),
    );
    if (!known) throw unknown("VIEW_UNKNOWN", `${kind} "${name}"`, this.#app);
  }
}

/** The streams that the pipelines read, where only pipelines are given. */
function applicationOf(tested: Application | Pipeline | readonly Pipeline[]): Application {
  if ("kind" in tested && tested.kind === "application") return tested;
  const pipelines = "kind" in tested ? [tested] : tested;
  const sources = pipelines.flatMap(({ nodes }) =>
    nodes.flatMap(({ spec }) => (spec.kind === "source" ? [spec.stream] : [])),
  );
  return application("test", { streams: [...new Set(sources)], pipelines });
}

const unknown = (
  code: "STREAM_UNKNOWN" | "VIEW_UNKNOWN" | "PLAN_LOOKUP",
  what: string,
  { name }: Application,
): MillraceError => new MillraceError(code, `application "${name}" has no ${what}`, { next: "refused" });
